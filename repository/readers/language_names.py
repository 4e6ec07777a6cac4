"""Names of languages as reference managers write them, and their codes of ISO 639-1."""

# Languages as ISO 639-2 and -3, English and babel have them.
LANGUAGES = {
    name: code
    for code, names in {
        "ar": "ara arabic", "bg": "bul bulgarian", "cs": "ces cze czech", "da": "dan danish",
        "de": "deu ger german ngerman austrian deutsch", "el": "ell gre greek",
        "en": "eng english american british usenglish ukenglish", "es": "spa spanish español", "et": "est estonian",
        "fi": "fin finnish", "fr": "fra fre french français", "hu": "hun hungarian", "it": "ita italian italiano",
        "ja": "jpn japanese", "ko": "kor korean", "nl": "nld dut dutch", "no": "nor norwegian norsk",
        "pl": "pol polish", "pt": "por portuguese brazilian", "ro": "ron rum romanian", "ru": "rus russian",
        "sk": "slk slo slovak", "sl": "slv slovene slovenian", "sv": "swe swedish", "tr": "tur turkish",
        "uk": "ukr ukrainian", "zh": "zho chi chinese",
        "be": "bel belarusian", "bs": "bos bosnian", "ca": "cat catalan", "eu": "eus baq basque",
        "fa": "fas per persian farsi", "gl": "glg galician", "he": "heb hebrew", "hi": "hin hindi",
        "hr": "hrv croatian", "hy": "hye arm armenian", "id": "ind indonesian", "is": "isl ice icelandic",
        "ka": "kat geo georgian", "kk": "kaz kazakh", "lt": "lit lithuanian", "lv": "lav latvian",
        "mk": "mkd mac macedonian", "ms": "msa may malay", "sq": "sqi alb albanian", "sr": "srp serbian",
        "th": "tha thai", "ur": "urd urdu", "vi": "vie vietnamese",
    }.items()
    for name in names.split()
}  # fmt: skip
# Their English names; the first that is no code of three letters.
_ENGLISH = {code: name.capitalize() for name, code in reversed(LANGUAGES.items()) if len(name) > 3}


def english(tag: str) -> str:
    """What a language is called in English; the tag where its name is not known here."""
    return _ENGLISH.get(tag.partition("-")[0].lower(), tag)
