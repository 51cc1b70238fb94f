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
    pub(super) fn text<'t>(&self, row: usize, text: &'t str) -> Cow<'t, str> {
        // Two rounds settle all but texts made to resist; the third is for those.
        let mut current = self.round(row, text);
        for _ in 0..2 {
            let Cow::Owned(next) = self.round(row, &current) else { break };
            current = Cow::Owned(next);
        }
        current
    }

    fn round<'t>(&self, row: usize, text: &'t str) -> Cow<'t, str> {
        let named = match self.known.get(row).and_then(Option::as_ref) {
            Some(known) => detect::scrub(text, &known.find(text)),
            None => Cow::Borrowed(text),
        };
        let found = self.scanner.scan(&named);
        if found.is_empty() {
            return named;
        }
        Cow::Owned(detect::scrub(&named, &found).into_owned())
    }
}

/// The recognisers that run: the tenant's own country's first, and the others, since Nordic notes mix them.
fn countries(own: Country) -> Vec<Country> {
    let mut all = vec![own];
    all.extend([Country::SE, Country::DK, Country::NO, Country::FI].into_iter().filter(|other| *other != own));
    all
}
