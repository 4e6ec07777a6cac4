"""Languages as libraries write them: ISO 639-2/B codes, and the articles with which titles are not sorted.

Tables alone; which element they stand in is the matter of each format.
"""

import re

# ISO 639-1 code and its ISO 639-2 code (of the two forms, the bibliographic one), pair by pair.
_PAIRS = """
aa aar ab abk ae ave af afr ak aka am amh an arg ar ara as asm av ava ay aym az aze ba bak be bel bg bul bh bih
bi bis bm bam bn ben bo tib br bre bs bos ca cat ce che ch cha co cos cr cre cs cze cu chu cv chv cy wel da dan
de ger dv div dz dzo ee ewe el gre en eng eo epo es spa et est eu baq fa per ff ful fi fin fj fij fo fao fr fre
fy fry ga gle gd gla gl glg gn grn gu guj gv glv ha hau he heb hi hin ho hmo hr hrv ht hat hu hun hy arm hz her
ia ina id ind ie ile ig ibo ii iii ik ipk io ido is ice it ita iu iku ja jpn jv jav ka geo kg kon ki kik kj kua
kk kaz kl kal km khm kn kan ko kor kr kau ks kas ku kur kv kom kw cor ky kir la lat lb ltz lg lug li lim ln lin
lo lao lt lit lu lub lv lav mg mlg mh mah mi mao mk mac ml mal mn mon mr mar ms may mt mlt my bur na nau nb nob
nd nde ne nep ng ndo nl dut nn nno no nor nr nbl nv nav ny nya oc oci oj oji om orm or ori os oss pa pan pi pli
pl pol ps pus pt por qu que rm roh rn run ro rum ru rus rw kin sa san sc srd sd snd se sme sg sag si sin sk slo
sl slv sm smo sn sna so som sq alb sr srp ss ssw st sot su sun sv swe sw swa ta tam te tel tg tgk th tha ti tir
tk tuk tl tgl tn tsn to ton tr tur ts tso tt tat tw twi ty tah ug uig uk ukr ur urd uz uzb ve ven vi vie vo vol
wa wln wo wol xh xho yi yid yo yor za zha zh chi zu zul
""".split()  # noqa: SIM905
ISO_639_2B = dict(zip(_PAIRS[::2], _PAIRS[1::2], strict=True))
# The other form of each language that has two.
_TERMINOLOGICAL = """
sqi alb hye arm eus baq bod tib ces cze cym wel deu ger ell gre fas per fra fre isl ice kat geo mkd mac mri mao msa may
mya bur nld dut ron rum slk slo zho chi
""".split()  # noqa: SIM905
_CODES = (
    ISO_639_2B
    | {code: code for code in ISO_639_2B.values()}
    | dict(zip(_TERMINOLOGICAL[::2], _TERMINOLOGICAL[1::2], strict=True))
)


def bibliographic(code: str) -> str:
    """The ISO 639-2/B code of a language that is told by any code of ISO 639; empty for one that is not known here."""
    return _CODES.get(code, "")


# Initial articles by language; one that ends in an apostrophe is followed by no blank.
_ARTICLES = {
    "de": "das dem den der des die ein eine einem einen einer eines",
    "en": "a an the",
    "es": "el la las lo los un una unas unos",
    "fr": "l' l’ la le les un une",
    "it": "gli i il l' l’ la le lo un un' un’ una uno",
    "nl": "de een het",
    "pt": "a as o os um uma",
    "sv": "den det en ett",
}
_INITIAL = {
    language: re.compile(
        "|".join(
            re.escape(word) + ("" if word[-1] in "'’" else " +")
            for word in sorted(words.split(), key=len, reverse=True)
        ),
        re.IGNORECASE,
    )
    for language, words in _ARTICLES.items()
}


def nonfiling(title: str, language: str) -> int:
    """How many characters of a title are an initial article with what follows it; 0 where its language is unsaid."""
    pattern = _INITIAL.get(language.partition("-")[0])
    match = pattern.match(title) if pattern else None
    # MARC has one digit for it, and a title that is an article alone is sorted by it.
    return match.end() if match and match.end() < min(10, len(title)) else 0
