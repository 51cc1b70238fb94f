"""Personal data by Presidio's pattern recognisers: ROWS NEGATIVES, JSON lines of {"language", "text"}. Asked by benches/detect.rs.

No model is downloaded. Two set-ups, one after the other, over the same rows: `blank` has a blank spaCy pipeline per language (words to look at
around a pattern, no lemmas), `no-op` is the engine that Presidio has for recognisers which need no language processing. Recognisers: the
default registry, telephones of the Nordic countries and of its own default ones, payment cards in every language, the Swedish and the Finnish
national number, which Presidio leaves out until asked. Nobody is found by name: that takes a model.

Prints `time ENGINE SECONDS BYTES MEGABYTES`, `rows|negatives ENGINE ENTITY ALL SURE` (findings; those of a score of 0.5 and more) and
`noted ENGINE ALL SURE`, the negatives in which there was anything at all.
"""

import collections
import json
import sys
import time
import warnings

import spacy
import tldextract
from presidio_analyzer import AnalyzerEngine, RecognizerRegistry
from presidio_analyzer.nlp_engine import NoOpNlpEngine, SlimSpacyNlpEngine
from presidio_analyzer.predefined_recognizers import (
    CreditCardRecognizer,
    FiPersonalIdentityCodeRecognizer,
    PhoneRecognizer,
    SePersonnummerRecognizer,
)

SURE = 0.5
# spaCy's tokenizer for each; Nynorsk has none of its own.
LANGUAGES = {"sv": "sv", "da": "da", "nb": "nb", "nn": "nb", "fi": "fi", "is": "is", "en": "en"}
REGIONS = ("SE", "DK", "NO", "FI", "IS", "US", "GB", "DE", "FR", "IL", "IN", "CA", "BR")

warnings.filterwarnings("ignore")
# The list of domain suffixes that the package brings; it would fetch a newer one.
tldextract.tldextract.TLD_EXTRACTOR = tldextract.TLDExtract(suffix_list_urls=())


def analyzer(name):
    models = [{"lang_code": language, "model_name": name} for language in LANGUAGES]
    if name == "blank":
        engine = SlimSpacyNlpEngine(models=models, auto_download=False)
        engine.nlp = {language: spacy.blank(code) for language, code in LANGUAGES.items()}
    else:
        engine = NoOpNlpEngine(models=models)
        engine.load()
    registry = RecognizerRegistry(supported_languages=list(LANGUAGES))
    registry.load_predefined_recognizers(languages=list(LANGUAGES))
    for replaced in ("PhoneRecognizer", "CreditCardRecognizer", "SpacyRecognizer"):
        registry.remove_recognizer(replaced)
    for language in LANGUAGES:
        registry.add_recognizer(PhoneRecognizer(supported_language=language, supported_regions=REGIONS))
        registry.add_recognizer(CreditCardRecognizer(supported_language=language))
    registry.add_recognizer(SePersonnummerRecognizer())
    registry.add_recognizer(FiPersonalIdentityCodeRecognizer())
    return AnalyzerEngine(registry=registry, nlp_engine=engine, supported_languages=list(LANGUAGES))


def read(path):
    with open(path, encoding="utf-8") as lines:
        return [json.loads(line) for line in lines]


def count(analyzer, rows):
    every, sure, noted, surely_noted = collections.Counter(), collections.Counter(), 0, 0
    for row in rows:
        language = row["language"] if row["language"] in LANGUAGES else "en"
        found = analyzer.analyze(row["text"], language=language)
        every.update(finding.entity_type for finding in found)
        certain = [finding.entity_type for finding in found if finding.score >= SURE]
        sure.update(certain)
        noted += bool(found)
        surely_noted += bool(certain)
    return every, sure, noted, surely_noted


def peak_megabytes():
    """Not `ru_maxrss`: that of a child begins with what its parent held."""
    try:
        with open("/proc/self/status", encoding="ascii") as status:
            return next(int(line.split()[1]) for line in status if line.startswith("VmHWM:")) / 1024
    except OSError:
        return 0.0


def main():
    rows, negatives = read(sys.argv[1]), read(sys.argv[2])
    size = sum(len(row["text"].encode()) for row in rows)
    for name in ("blank", "no-op"):
        engine = analyzer(name)
        # What is compiled at first use is not counted.
        count(engine, rows[:50])
        started = time.perf_counter()
        every, sure, _, _ = count(engine, rows)
        seconds = time.perf_counter() - started
        print("time", name, seconds, size, peak_megabytes())
        for entity in sorted(every):
            print("rows", name, entity, every[entity], sure[entity])
        every, sure, noted, surely_noted = count(engine, negatives)
        for entity in sorted(every):
            print("negatives", name, entity, every[entity], sure[entity])
        print("noted", name, noted, surely_noted)


main()
