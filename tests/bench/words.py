"""The vocabulary of generated records: words, names and places as bibliographic data in economics have them."""

import random
from itertools import cycle, product


def _words(text: str) -> tuple[str, ...]:
    return tuple(text.split())


FUNCTION = _words(
    "the of and in to a that for is on with we are as by this from an be which find it can at between "
    "their more than effect effects model paper using data results show these has have not but also its "
    "our use when both"
)

CONTENT = _words(
    "policy market growth trade labour labor price prices income tax capital risk firms households "
    "inflation monetary fiscal investment demand supply equilibrium estimate estimates evidence analysis "
    "economic economy financial international productivity unemployment wages employment education health "
    "poverty inequality development countries regions panel structural empirical theoretical dynamic "
    "optimal stochastic volatility liquidity banks banking credit debt interest exchange currency rates "
    "assets bonds stocks returns portfolio insurance regulation competition monopoly innovation "
    "technology patents research knowledge human social welfare transfers pensions ageing migration "
    "immigrants gender discrimination schooling returns-to-scale agriculture food energy oil climate "
    "emissions carbon environment pollution water transport infrastructure urban housing land property "
    "rents auctions bargaining contracts incentives information asymmetric signalling game games players "
    "strategy strategic cooperation trust experiment experiments behavioural preferences utility "
    "consumption saving savings life-cycle overlapping generations general partial computable identified "
    "instrumental variables difference-in-differences regression discontinuity nonparametric Bayesian "
    "likelihood maximum forecasts forecasting cointegration nonlinear threshold heterogeneity robust "
    "standard errors clusters aggregate idiosyncratic shocks business cycles recession crisis pandemic "
    "euro area union American European Chinese developing emerging advanced small open large closed "
    "central bank government public private sector spending deficit budget rules institutions corruption "
    "democracy elections voting political conflict war history nineteenth century colonial industrial "
    "manufacturing services tourism sport culture networks peers neighbourhood spillovers externalities "
    "global value chains tariffs quotas exports imports foreign direct multinational outsourcing "
    "offshoring quality variety substitution elasticity margins extensive intensive R&D"
)

GIVEN = _words(
    "Anna Bruno Carla David Elena Felix Gloria Hans Irene James Karin Luis Maria Nikolai Olga Paul Qing "
    "Rosa Stefan Tanya Ulrich Vera William Xavier Yuki Zoë José Jürgen Søren François Łukasz Chloé Gülşen "
    "Ioannis Márta Dmitri Aiko Wei Priya Kwame Fatima Omar Ingrid Lars Pedro João Hélène Sinéad"
)

FAMILY = _words(
    "Adams Bianchi Cohen Dubois Evans Fischer García Hansen Ivanov Jones Kim López Müller Nguyen O'Brien "
    "Petrov Quist Rossi Schmidt Tanaka Ueda Vries Wang Xu Yilmaz Zhang Åkesson Čapek Ørsted Łaski Öztürk "
    "Papadopoulos Silva Santos Singh Sharma Okafor Mensah Haddad Nakamura Kowalski Novák Horváth Popescu "
    "Lindqvist Virtanen Jensen Bakker Janssens Lefèvre Moreau Keller Weber Huber Gruber"
)

PLACES = _words(
    "Northhaven Eastmoor Southbridge Westfield Kingsford Altstadt Neuburg Valdemar Montclair Riverton "
    "Lakeside Harbourton Greenvale Stonebridge Fairmont Ashford Brookside Castleton Dunmore Elmwood"
)

MONTHS = _words("January February March April May June July August September October November December")

JEL = "ABCDEFGHIJKLMNOPQRZ"


def rare(count: int) -> tuple[str, ...]:
    """So many words that nobody has met, and that could be some: of syllables, with endings as words have them."""
    begins = _words("b br c cr d f fl g gr h j l m n p pl pr qu r s sp st t tr v w")
    inside, closes = _words("a e i o u ea io ou"), ("", *_words("l m n r s t nd rt ck"))
    syllables = ["".join(each) for each in product(begins, inside, closes)]
    endings = cycle(("", "", "", *_words("ing ed s al ity tion ly er ic ment ance ism")))
    chance, found = random.Random(0), dict.fromkeys((*FUNCTION, *CONTENT))
    known = len(found)
    while len(found) < known + count:
        found["".join(chance.sample(syllables, chance.choice((1, 1, 1, 2)))) + next(endings)] = None
    return tuple(found)[known:]
