//! Web addresses that carry a token or a name.

use crate::detect::digits::Page;
use crate::detect::resolve::Candidate;

/// Offers the web address whose `://` begins here.
pub(in crate::detect) fn recognise(_page: &Page<'_>, _colon: usize, _found: &mut Vec<Candidate>) {}
