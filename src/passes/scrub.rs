//! Scrubbing: personal data in free text is replaced by its kind; the rest of the text stays.

use std::borrow::Cow;
use std::sync::Arc;

use arrow::array::{ArrayRef, AsArray};

use crate::detect::known::KnownSubject;
use crate::detect::{self, Country, Scanner};
use crate::kernels::{KernelError, scrub as kernel};

/// The texts with e-mail addresses, telephone and identity numbers and what is known of the linked subject replaced.
///
/// Scrubs until nothing is found any more: a replacement can bring two pieces together.
pub fn scrub(
    cells: &ArrayRef,
    limit: Option<usize>,
    country: Country,
    known: &[Option<Arc<KnownSubject>>],
) -> Result<ArrayRef, KernelError> {
    let Some(texts) = cells.as_string_opt::<i32>() else { return Ok(cells.clone()) };
    let scrubber = Scrubber::new(country, known);
    let scrubbed = kernel::scrub(texts, limit, |row, text| scrubber.text(row, text))?;
    Ok(Arc::new(scrubbed))
}

/// Scrubs one text at a time.
pub(super) struct Scrubber<'a> {
    scanner: Scanner,
    known: &'a [Option<Arc<KnownSubject>>],
}

impl<'a> Scrubber<'a> {
    /// With what is known per row of the linked subject.
    pub(super) fn new(country: Country, known: &'a [Option<Arc<KnownSubject>>]) -> Self {
        Self { scanner: Scanner::new(&countries(country)), known }
    }

    /// The text of a row, scrubbed.
    ///
    /// Ends, because a placeholder is never found: every round leaves fewer letters outside of them. One settles nearly every text.
    pub(super) fn text<'t>(&self, row: usize, text: &'t str) -> Cow<'t, str> {
        let mut current = self.round(row, text);
        while let Cow::Owned(scrubbed) = &current {
            let Cow::Owned(next) = self.round(row, scrubbed) else { break };
            current = Cow::Owned(next);
        }
        current
    }

    /// Both searches look at the same text: a name that was replaced first would leave half of somebody else's address.
    fn round<'t>(&self, row: usize, text: &'t str) -> Cow<'t, str> {
        let found = self.scanner.scan(text);
        let own = self.known.get(row).and_then(Option::as_ref).map(|known| known.find_among(text, &found)).unwrap_or_default();
        detect::scrub(text, &detect::unite(found, own))
    }
}

/// The recognisers that run: the tenant's own country's first, and the others, since Nordic notes mix them.
fn countries(own: Country) -> Vec<Country> {
    let mut all = vec![own];
    all.extend([Country::SE, Country::DK, Country::NO, Country::FI].into_iter().filter(|other| *other != own));
    all
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn anna() -> KnownSubject {
        KnownSubject::new(["Anna Example", "Bo 46701"], ["anna@example.se"], ["070-174 06 05"], ["19031204-9802", "17406"])
    }

    fn scrubbed(subject: KnownSubject, text: &str) -> String {
        let known = [Some(Arc::new(subject))];
        Scrubber::new(Country::SE, &known).text(0, text).into_owned()
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
        check("anna@example.se.Ring Anna Example", "[email] [name]");
        check("Anna Example.bob@host.se", "[email]");
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
            let subject = || KnownSubject::new([name], [], [], []);
            assert_eq!(scrubbed(subject(), before), after, "{before}");
        };
        for name in ["kim.lindqvist@hotmail.com", "Kim Lindqvist <kim.lindqvist@hotmail.com>"] {
            check(name, "bob@hotmail.com", "[email]");
            check(name, "Hotmail, com, Kim Lindqvist", "Hotmail, com, [name]");
            check(name, "kim.lindqvist@hotmail.com", "[email]");
        }
        check("kim.lindqvist@hotmail.com", "kim.lindqvist@hotmail.com.12", "[email].12");
    }

    const FRAGMENTS: [&str; 33] = [
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
        "[email]",
    ];

    proptest! {
        #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(4000) })]

        #[test]
        fn scrubbing_twice_is_scrubbing_once(fragments in prop::collection::vec(prop::sample::select(FRAGMENTS.to_vec()), 0..12)) {
            let text = fragments.concat();
            let known = [Some(Arc::new(anna()))];
            let scrubber = Scrubber::new(Country::SE, &known);
            let once = scrubber.text(0, &text);
            prop_assert!(matches!(scrubber.round(0, &once), Cow::Borrowed(_)), "{text:?} -> {once:?}");
            prop_assert!(detect::addresses_as_written(&once).iter().all(|address| *address != "anna@example.se"), "{text:?} -> {once:?}");
        }
    }
}
