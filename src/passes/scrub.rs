//! Scrubbing: personal data in free text is replaced by its kind, or by its kind and a number; the rest of the text stays. Or the whole
//! text goes where anything is found.

use std::borrow::Cow;
use std::cell::RefCell;
use std::sync::Arc;

use arrow::array::{ArrayRef, AsArray};

use crate::detect::dictionary::Dictionary;
use crate::detect::known::{self, KnownSubject};
use crate::detect::pseudonyms::{Pseudonyms, scrub_numbered};
use crate::detect::{self, Country, Finding, Kind, Kinds, Scanner, Workspace};
use crate::kernels::{KernelError, scrub as kernel};
use crate::pipeline::{Replacement, Scrubbing};

/// Whom some rows' texts are searched for, beside anyone who is recognised by the text alone.
#[derive(Clone, Copy, Default)]
pub struct Whom<'a> {
    /// Per row what is known of the subject whose text it is; empty where nothing is.
    pub known: &'a [Option<Arc<KnownSubject>>],
    /// The names of the tenant's people.
    pub names: Option<&'a Arc<Dictionary>>,
}

/// The texts with personal data of anyone, and with what is known of the linked subject, replaced as the pipeline says.
///
/// Scrubs until nothing is found any more: a replacement can bring two pieces together.
pub fn scrub(
    cells: &ArrayRef,
    scrubbing: Scrubbing,
    limit: Option<usize>,
    country: Country,
    whom: Whom<'_>,
) -> Result<ArrayRef, KernelError> {
    let Some(texts) = cells.as_string_opt::<i32>() else { return Ok(cells.clone()) };
    let scrubber = Scrubber::new(scrubbing, country, whom);
    let scrubbed = kernel::scrub(texts, limit, |row, text| scrubber.text(row, text))?;
    Ok(Arc::new(scrubbed))
}

/// The memory of one text's scrubbing, used again for the next of the same thread.
#[derive(Default)]
struct Memory {
    anyone: Workspace,
    subject: known::Workspace,
}

thread_local! {
    static MEMORY: RefCell<Memory> = RefCell::default();
}

/// Scrubs one text at a time.
pub(super) struct Scrubber<'a> {
    /// Of every country: Nordic notes mix them.
    scanner: Scanner,
    scrubbing: Scrubbing,
    country: Country,
    known: &'a [Option<Arc<KnownSubject>>],
}

impl<'a> Scrubber<'a> {
    /// With what is known per row of the linked subject, and of the tenant's people.
    pub(super) fn new(scrubbing: Scrubbing, country: Country, whom: Whom<'a>) -> Self {
        let anyone = Scanner::new(&Country::ALL).of_kinds(Kinds::replaced());
        let scanner = match whom.names {
            Some(names) => anyone.knowing(names.clone()),
            None => anyone,
        };
        Self { scanner, scrubbing, country, known: whom.known }
    }

    /// The text of a row, scrubbed; nothing where it becomes NULL.
    ///
    /// Ends, because a placeholder is never found: every round leaves fewer letters outside of them. One settles nearly every text.
    pub(super) fn text<'t>(&self, row: usize, text: &'t str) -> Option<Cow<'t, str>> {
        let mut pseudonyms = None;
        let mut current = self.round(row, text, &mut pseudonyms);
        if matches!(current, Cow::Owned(_)) {
            match self.scrubbing.replacement {
                Replacement::Null => return None,
                Replacement::Empty => return Some(Cow::Borrowed("")),
                Replacement::Kind | Replacement::Pseudonym => {}
            }
        }
        while let Cow::Owned(scrubbed) = &current {
            let Cow::Owned(next) = self.round(row, scrubbed, &mut pseudonyms) else { break };
            current = Cow::Owned(next);
        }
        Some(current)
    }

    /// Whether a finding of anyone is replaced.
    fn goes(&self, finding: &Finding) -> bool {
        self.scrubbing.kinds.contains(finding.kind) && finding.confidence >= self.scrubbing.min_confidence
    }

    /// Both searches look at the same text: a name that was replaced first would leave half of somebody else's address.
    fn round<'t>(&self, row: usize, text: &'t str, pseudonyms: &mut Option<Pseudonyms>) -> Cow<'t, str> {
        MEMORY.with_borrow_mut(|Memory { anyone, subject }| {
            let found = self.scanner.scan_with(text, anyone);
            // An address is nobody's name, though it stays; but what stays hides nothing else of the subject. Nor does a name: it can be the
            // subject's own. It is somebody else's where it is longer than all that is the subject's in it.
            let around: Vec<Finding> = found
                .iter()
                .filter(|finding| finding.kind == Kind::Email || (finding.kind != Kind::Name && self.goes(finding)))
                .copied()
                .collect();
            let found: Vec<Finding> = found.iter().filter(|finding| self.goes(finding)).copied().collect();
            let own = match self.known.get(row).and_then(Option::as_ref) {
                Some(known) => known.find_with(text, &around, subject),
                None => &[],
            };
            if found.is_empty() && own.is_empty() {
                return Cow::Borrowed(text);
            }
            // Sorted, and none overlaps another: only the last that begins no later can hold it.
            let is_anothers = |own: &Finding| {
                let behind = found.partition_point(|other| other.start <= own.start);
                let other = behind.checked_sub(1).and_then(|before| found.get(before));
                let holds = |other: &Finding| own.end <= other.end && (other.start, other.end) != (own.start, own.end);
                other.is_some_and(|other| other.kind == Kind::Name && holds(other))
            };
            let own: Vec<Finding> = own.iter().filter(|own| !is_anothers(own)).copied().collect();
            let all = detect::unite(found, own.clone());
            match self.scrubbing.replacement {
                Replacement::Pseudonym => {
                    let numbers = pseudonyms.get_or_insert_with(|| Pseudonyms::of(text));
                    scrub_numbered(text, &all, &own, self.country, numbers)
                }
                _ => detect::scrub(text, &all),
            }
        })
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn anna() -> KnownSubject {
        KnownSubject::new(["Anna Example", "Bo 46701"], ["anna@example.se"], ["070-174 06 05"], ["19031204-9802", "17406"], [])
    }

    fn of(known: &[Option<Arc<KnownSubject>>]) -> Whom<'_> {
        Whom { known, names: None }
    }

    fn scrubbed(subject: KnownSubject, text: &str) -> String {
        let known = [Some(Arc::new(subject))];
        Scrubber::new(Scrubbing::default(), Country::SE, of(&known)).text(0, text).unwrap().into_owned()
    }

    #[track_caller]
    fn check(before: &str, after: &str) {
        assert_eq!(scrubbed(anna(), before), after, "{before}");
        assert_eq!(scrubbed(anna(), after), after, "a second time");
    }

    #[test]
    fn an_address_goes_as_a_whole_whoever_it_belongs_to() {
        check("Fråga bob.smith@example.se om Anna", "Fråga [email] om [name]");
        check("anna.b@host.se, bob@anna.example.org", "[email], [email]");
        check("Anna anna@example.se", "[name] [email]");
        check("anna@example.se.Ring Anna Example", "[email].Ring [name]");
        check("Anna Example.bob@host.se", "[name] [email]");
        check("mailto:example@host.se?subject=Example", "mailto:[email]?subject=[name]");
    }

    #[test]
    fn numbers_go_as_a_whole_too() {
        check("031204-9802 och 070-174 06 05", "[identifier] och [phone]");
        // Another's number, of which a part could be the subject's own.
        check("tel 08-46500400, 17406", "tel [phone], [identifier]");
        check("190101-2391", "[national_id]");
    }

    #[test]
    fn names_in_an_address_of_the_web_are_replaced_where_they_stand() {
        check("https://host.se/anna/order?by=example", "https://host.se/[name]/order?by=[name]");
    }

    #[test]
    fn an_address_among_the_names_is_one_and_its_domain_is_no_name() {
        let check = |name: &str, before: &str, after: &str| {
            let subject = || KnownSubject::new([name], [], [], [], []);
            assert_eq!(scrubbed(subject(), before), after, "{before}");
        };
        for name in ["kim.lindqvist@hotmail.com", "Kim Lindqvist <kim.lindqvist@hotmail.com>"] {
            check(name, "bob@hotmail.com", "[email]");
            check(name, "Hotmail, com, Kim Lindqvist", "Hotmail, com, [name]");
            check(name, "kim.lindqvist@hotmail.com", "[email]");
        }
        check("kim.lindqvist@hotmail.com", "kim.lindqvist@hotmail.com.12", "[email].12");
    }

    #[test]
    fn the_same_person_keeps_a_number_within_a_text() {
        let known = [Some(Arc::new(anna()))];
        let scrubber = Scrubber::new(Scrubbing { replacement: Replacement::Pseudonym, ..Scrubbing::default() }, Country::SE, of(&known));
        for (before, after) in [
            ("Anna, Exempels bil, ANNA EXAMPLE", "[name 1], Exempels bil, [name 1]"),
            ("Anna Example och Anders Example, Example", "[name 1] och [name 2], [name 1]"),
            ("Annas 070-174 06 05, bob@example.org, +46701740605", "[name 1] [phone 1], [email 1], [phone 1]"),
            ("tel 08-465 004 00 el. 08-465 004 01, 08-46500400", "tel [phone 1] el. [phone 2], [phone 1]"),
            ("[name 1] och Anna, [phone 3] 031-390 06 17", "[name 1] och [name 2], [phone 3] [phone 4]"),
            ("inget", "inget"),
        ] {
            let once = scrubber.text(0, before).unwrap().into_owned();
            assert_eq!(once, after, "{before}");
            assert_eq!(scrubber.text(0, &once).unwrap(), after, "a second time");
        }
    }

    #[test]
    fn a_numbered_placeholder_is_kept_whole_or_not_at_all() {
        let known = [Some(Arc::new(anna()))];
        let scrubbing = Scrubbing { replacement: Replacement::Pseudonym, ..Scrubbing::default() };
        let cells: ArrayRef = Arc::new(arrow::array::StringArray::from(vec!["åh Anna"]));
        for (limit, expected) in [(12, "åh [name 1]"), (11, "åh [name 1]"), (10, "åh "), (4, "åh ")] {
            let scrubbed = scrub(&cells, scrubbing, Some(limit), Country::SE, of(&known)).unwrap();
            assert_eq!(scrubbed.as_string::<i32>().value(0), expected, "{limit}");
            assert_eq!(&scrub(&scrubbed, scrubbing, Some(limit), Country::SE, of(&known)).unwrap(), &scrubbed);
        }
    }

    #[test]
    fn texts_with_anything_personal_are_dropped() {
        let known = [Some(Arc::new(anna())), None, None];
        let cells: ArrayRef = Arc::new(arrow::array::StringArray::from(vec![Some("hos Anna"), Some("hos oss"), None]));
        for (replacement, expected) in [(Replacement::Null, None), (Replacement::Empty, Some(""))] {
            let scrubbing = Scrubbing { replacement, ..Scrubbing::default() };
            let dropped = scrub(&cells, scrubbing, None, Country::SE, of(&known)).unwrap();
            assert_eq!(dropped.as_string::<i32>(), &arrow::array::StringArray::from(vec![expected, Some("hos oss"), None]));
            assert_eq!(&scrub(&dropped, scrubbing, None, Country::SE, of(&known)).unwrap(), &dropped);
        }
    }

    #[test]
    fn kinds_and_confidence_choose_what_is_replaced_of_others_but_not_of_the_subject() {
        let known = [Some(Arc::new(anna()))];
        let text = "Anna, bob@example.org, 08-465 004 00";
        let scrub = |scrubbing: Scrubbing| Scrubber::new(scrubbing, Country::SE, of(&known)).text(0, text).unwrap().into_owned();
        let emails = [Kind::Email].into_iter().collect();
        assert_eq!(scrub(Scrubbing { kinds: emails, ..Scrubbing::default() }), "[name], [email], 08-465 004 00");
        assert_eq!(scrub(Scrubbing { min_confidence: 1.0, ..Scrubbing::default() }), "[name], bob@example.org, 08-465 004 00");
    }

    /// Others of the same tenant.
    fn people() -> Arc<Dictionary> {
        let mut names = Dictionary::builder(1 << 16, [5; 16]);
        ["Ester Zvorygel", "Bo Brunkull", "Example Brunkull", "Tarja Kuhmoinen"].into_iter().for_each(|name| names.add(name));
        Arc::new(names.build())
    }

    #[test]
    fn people_of_the_tenant_are_found_beside_the_subject() {
        let (known, people) = ([Some(Arc::new(anna()))], people());
        let scrubbed = |names, text: &str| {
            let whom = Whom { known: &known, names };
            Scrubber::new(Scrubbing::default(), Country::SE, whom).text(0, text).unwrap().into_owned()
        };
        for (text, alone, among_people) in [
            ("brev till Brunkull i dag", "brev till Brunkull i dag", "brev till [name] i dag"),
            ("Zvorygel hade redan betalat", "Zvorygel hade redan betalat", "[name] hade redan betalat"),
            ("tre lådor Ovanblixt", "tre lådor Ovanblixt", "tre lådor Ovanblixt"),
            ("skriv till bo@brunkull.example", "skriv till [email]", "skriv till [email]"),
        ] {
            assert_eq!(scrubbed(None, text), alone);
            assert_eq!(scrubbed(Some(&people), text), among_people);
        }
    }

    const FRAGMENTS: [&str; 39] = [
        "Anna",
        "example",
        "Anna Example",
        "annas",
        "A.",
        "anna@example.se",
        "bob.smith@example.se",
        "@example.se",
        "anna@",
        "@",
        "070-174 06 05",
        "0701740605",
        "+46",
        "(0)",
        "174 06",
        "17406",
        "05",
        "19031204-9802",
        "031204",
        "190101-2391",
        "46701",
        "Bo",
        "Zvorygel",
        "Brunkulls",
        "prata med ",
        "Kuhmoinen ringde",
        " ",
        " ",
        "-",
        ".",
        ":",
        "/",
        "_",
        "tel ",
        " kr",
        "[name]",
        "[name 2]",
        "[phone 1]",
        "[email]",
    ];

    proptest! {
        #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(4000) })]

        #[test]
        fn scrubbing_twice_is_scrubbing_once(
            fragments in prop::collection::vec(prop::sample::select(FRAGMENTS.to_vec()), 0..12),
            replacement in prop::sample::select(vec![Replacement::Kind, Replacement::Pseudonym, Replacement::Null, Replacement::Empty]),
            knows_people in any::<bool>(),
        ) {
            let text = fragments.concat();
            let (known, people) = ([Some(Arc::new(anna()))], people());
            let whom = Whom { known: &known, names: knows_people.then_some(&people) };
            let scrubber = Scrubber::new(Scrubbing { replacement, ..Scrubbing::default() }, Country::SE, whom);
            let once = scrubber.text(0, &text).unwrap_or_default();
            prop_assert!(matches!(scrubber.round(0, &once, &mut None), Cow::Borrowed(_)), "{text:?} -> {once:?}");
            prop_assert!(detect::addresses_as_written(&once).iter().all(|address| *address != "anna@example.se"), "{text:?} -> {once:?}");
        }
    }
}
