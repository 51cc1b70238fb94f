//! Telephone numbers of Sweden, Denmark, Norway, Finland and Iceland, and international ones.
//!
//! Finds: `+` or `00` with a country code, then the national number with or without `(0)`; other
//! countries' numbers with `+`; Swedish and Finnish numbers with their leading zero; eight Danish or
//! Norwegian digits; seven Icelandic ones; North American numbers; beside a telephone's word the same
//! in any grouping, single digits too; the last digits of a second number (`31/32`), and a second one
//! without its area code.
//!
//! Rule: lengths and leading digits of the national numbering plans, each in a file of its own. What
//! is written as nothing else is (a delimited mobile number, a `+` with a Nordic country code) is
//! found wherever it stands. Other forms are found unless the word right beside them says order,
//! amount or identity number. What the digits alone do not tell (`12345678`) needs a word such as
//! `tlf`, `mobil` or `ring` nearby, or another telephone number before it: `tlf. 12345678 eller
//! 22334455`. Eight digits that are a date need that word right beside them. Eight digits in one piece
//! (seven in Iceland) are also found behind `på` or `í` (`han er på 93411207`), behind a person's name,
//! in a signature below one, behind who or where is reached or was tried (`Sonen:`, `kontoret`, `vaktmester`,
//! `nummeret mitt er`), behind a post code and its town, first in a clause before a name or a call (`1) 40000001 Preben`),
//! in a column of telephones, and before an extension or the hours of calling, where no word nearby says order,
//! amount or account. What stands behind a quantity's unit (`24 stk 915 37 224`) or replaces something
//! (`erstattes af 40 61 28 10`) is an article.
//!
//! Not found: extensions (`ankn 12`) are left where they stand; short numbers (`112`, `114 14`); local
//! numbers without an area code that follow no other (`Linköping 12 40 33`).
//!
//! Source: ITU-T E.164; the numbering plans of Post- och telestyrelsen (SE), Styrelsen for
//! Dataforsyning og Infrastruktur (DK), Nkom (NO), Traficom (FI) and Fjarskiptastofa (IS). The
//! examples use numbers that Post- och telestyrelsen reserves for fiction, Ofcom's, and numbers
//! outside the ranges given to people.
//!
//! ```text
//! Ring 070-174 06 05 eller 08-465 004 00. → Ring [phone] eller [phone].
//! 0701740605, 031-3900600, (031) 390 06 00 → [phone], [phone], [phone]
//! +46 (0)70-174 06 05 / 0046701740605 → [phone] / [phone]
//! +45 12 34 56 78, +47 12345678 → [phone], [phone]
//! tlf. 12345678, mob 12 34 56 78 → tlf. [phone], mob [phone]
//! tlf. 12345678 eller 87654321 → tlf. [phone] eller [phone]
//! Kontoret: 80 00 00 00 (åbent) → Kontoret: [phone] (åbent)
//! 12345678 (mobil) → [phone] (mobil)
//! Soita 040 000 0000 tai +358 40 0000000 → Soita [phone] tai [phone]
//! Sími 555 1234, gsm 5551234, +354 555 1234 → Sími [phone], gsm [phone], [phone]
//! +44 7700 900123 → [phone]
//! Hun er på 93000001, Kari Hansen | 93000001 → Hun er på [phone], Kari Hansen | [phone]
//! his cell is 07700 900461 → his cell is [phone]
//! tlf. 48·20·71·36, ring på 9 3 0 0 0 0 0 1 → tlf. [phone], ring på [phone]
//! tlf. 93 00 00 01/02, 0480-45 01 12, 45 01 13 → tlf. [phone], [phone], [phone]
//! (212) 555-0147, 1-312-555-0190 → [phone], [phone]
//! Sonen: 9 30 00 001, kontoret 93.00.00.02 → Sonen: [phone], kontoret [phone]
//! Nummeret mitt er 93000001, vaktmester 93000002 → Nummeret mitt er [phone], vaktmester [phone]
//! 4760 Vordingborg, 93000001. Vipps 300 kr til 93000002 → [address], [phone]. Vipps 300 kr til [phone]
//! 93000001 ringte. 1) 93000002 Preben → [phone] ringte. 1) [phone] Preben
//! Reservdel 0412-220-18, mellom 0685-2023, X 6401120 → Reservdel 0412-220-18, mellom 0685-2023, X 6401120
//! Varenr. 93 00 00 01 erstattes af 93 00 00 02, 24 stk 930 00 003 → Varenr. 93 00 00 01 erstattes af 93 00 00 02, 24 stk 930 00 003
//! Ordre 12345678 og 12345678 → Ordre 12345678 og 12345678
//! Order 0701740605, OCR 0701740605 → Order 0701740605, OCR 0701740605
//! 2024-01-15, 20240115, 01-12-2024 → 2024-01-15, 20240115, 01-12-2024
//! ring den 20240115 → ring den 20240115
//! 12 345 678 kr, 0123-4567 → 12 345 678 kr, 0123-4567
//! ```

mod eight_digits;
mod finland;
mod further;
mod iceland;
mod international;
mod labels;
mod loose;
mod north_america;
mod records;
mod surroundings;
mod sweden;
mod table;
#[cfg(test)]
mod tests;
mod written;

use self::loose::Loose;
use self::written::{Form, Written};
use crate::detect::context::Meaning;
use crate::detect::digits::{self, Page, Run};
use crate::detect::resolve::Candidate;
use crate::detect::{Country, Kind};

/// Fewer digits are no number of any plan.
pub(super) const FEWEST: usize = 7;
/// More digits are none either, `00` included.
const MOST: usize = 17;
/// How likely a number is beside a word.
const NAMED: f32 = 0.97;
/// How likely a number is behind another.
const SECOND: f32 = 0.9;

/// Offers every number that begins with this group.
pub(in crate::detect) fn recognise(page: &Page<'_>, first: usize, run: &Run<'_>, found: &mut Vec<Candidate>) {
    if run.digits().len() >= FEWEST {
        customary(page, first, run, found);
    }
    if let Some(loose) = Loose::read(page, first) {
        any_grouping(page, first, &loose, found);
    }
    if let Some((group, end)) = page.groups.get(first).zip(further::local_second(page, first, found)) {
        found.push(Candidate::shape(group.start, end, Kind::Phone, SECOND));
    }
}

/// Offers the numbers that are grouped as their country does.
fn customary(page: &Page<'_>, first: usize, run: &Run<'_>, found: &mut Vec<Candidate>) {
    for (count, length) in run.prefixes() {
        if length < FEWEST {
            continue;
        }
        if length > MOST {
            break;
        }
        let groups = &run.groups[..count];
        let Some((start, end, plus)) = extent(page, run, count) else { continue };
        let written = Written::new(groups, &run.digits()[..length]);
        let form = if plus { international::after_plus(&written).map(|form| (form, None)) } else { domestic(page, &written) };
        if let Some((form, country)) = form {
            offer(page, Place { first, count, start, end, country, digits: written.digits }, form, found);
        }
    }
}

/// Offers the numbers that are grouped in any other way.
fn any_grouping(page: &Page<'_>, first: usize, loose: &Loose, found: &mut Vec<Candidate>) {
    let Some(group) = page.groups.get(first) else { return };
    let plus = page.text.get(..group.start).is_some_and(|before| before.ends_with('+') || before.ends_with("+("));
    for (count, form, country) in loose.numbers(page, first, plus) {
        let Some(last) = page.groups.get(first + count - 1) else { return };
        let start = loose::start(page.text, group.start, last.end);
        offer(page, Place { first, count, start, end: last.end, country, digits: loose.digits(count) }, form, found);
    }
}

/// Offers a number, and the last digits of a second one behind it with it.
fn offer(page: &Page<'_>, place: Place<'_>, form: Form, found: &mut Vec<Candidate>) {
    let second = further::short_second(page, place.start, place.first + place.count);
    let (start, end) = (place.start, place.end);
    let Some(confidence) = confidence(page, place, form, found) else { return };
    found.push(Candidate::shape(start, end, Kind::Phone, confidence));
    if let Some(end) = second {
        found.push(Candidate::shape(start, end, Kind::Phone, confidence));
    }
}

/// Where the number begins and ends with the signs that belong to it, and whether it has a `+`.
fn extent(page: &Page<'_>, run: &Run<'_>, count: usize) -> Option<(usize, usize, bool)> {
    let first = run.groups.first()?;
    let last = run.groups.get(count.checked_sub(1)?)?;
    let (start, plus) = digits::start_with_signs(page.text, first.start, last.end);
    // "+(46) 70 174 06 05": the plus stands before the parenthesis.
    if !plus && start < first.start && page.text[..start].ends_with('+') {
        return Some((start - 1, last.end, true));
    }
    Some((start, last.end, plus))
}

/// What the digits are within the countries that are read: the likeliest form, and whose it is.
fn domestic(page: &Page<'_>, written: &Written<'_>) -> Option<(Form, Option<Country>)> {
    let mut best: Option<(Form, Option<Country>)> = None;
    let mut consider = |form: Option<Form>, country| {
        if let Some(form) = form
            && best.is_none_or(|(other, _)| form.alone > other.alone || (other.strict && !form.strict))
        {
            best = Some((form, country));
        }
    };
    match written.digits.first()? {
        b'0' => {
            if page.countries.contains(Country::SE) {
                consider(sweden::form(written), Some(Country::SE));
            }
            if page.countries.contains(Country::FI) {
                consider(finland::form(written), Some(Country::FI));
            }
            consider(international::british(written), None);
            consider(international::after_zeros(written), None);
        }
        _ => {
            if page.countries.contains(Country::DK) {
                consider(eight_digits::form(written, Country::DK), Some(Country::DK));
            }
            if page.countries.contains(Country::NO) {
                consider(eight_digits::form(written, Country::NO), Some(Country::NO));
            }
            if page.countries.contains(Country::IS) {
                consider(iceland::form(written), Some(Country::IS));
            }
            if page.countries.contains(Country::SE) && sweden::is_mobile_without_zero(written.digits) {
                consider(Some(Form::NEAR), Some(Country::SE));
            }
            consider(international::without_prefix(written), None);
            consider(international::mobile_behind_code(written), None);
            consider(north_america::form(written), None);
        }
    }
    best
}

/// Where a number stands, and in which country's form.
struct Place<'d> {
    first: usize,
    count: usize,
    start: usize,
    end: usize,
    country: Option<Country>,
    digits: &'d [u8],
}

/// How likely the number is where it stands. The words around are asked last: they are the costly part.
fn confidence(page: &Page<'_>, place: Place<'_>, form: Form, found: &[Candidate]) -> Option<f32> {
    if !page.is_free(place.start, place.end) && !surroundings::is_dialled(page, place.start, place.end) {
        return None;
    }
    let context = page.context(place.start, place.end);
    let is_led_to = || !form.near || surroundings::is_led_to(page, place.start);
    if context.is(Meaning::Telephone) && (context.immediate || !form.strict && is_led_to()) {
        return Some(if context.immediate { NAMED } else { form.alone.max(0.93) });
    }
    if form.unmistakable {
        // "Tarjousnro 050 1182 744": a label that calls itself a number of something else.
        let is_other = context.immediate && context.is(Meaning::Reference) && surroundings::is_behind_number_label(page, place.start);
        return (!is_other).then_some(form.alone);
    }
    if context.meaning.is_some() && context.immediate && !context.is(Meaning::Telephone) {
        return None;
    }
    if !form.strict && further::follows_another(page, &place, found) {
        return Some(form.alone.max(SECOND));
    }
    // "24 stk 915 37 224", "erstattes af 40 61 28 10"
    if surroundings::is_goods(page, place.start) {
        return None;
    }
    let is_alone_enough = form.alone > 0.0
        && (place.country != Some(Country::IS) || iceland::is_icelandic(page, place.start, place.end))
        && !(form.lonely && page.is_part_of_row(place.first, place.count));
    // "del nr 212-555-0147"
    let is_weak = form.alone <= 0.7
        && place.country.is_none()
        && surroundings::is_behind_number_label(page, place.start)
        && !surroundings::is_labelled(page, place.start);
    if is_alone_enough && !is_weak {
        return Some(form.alone);
    }
    // Other words than those of a telephone lead to it, or its place does.
    // Seven digits in a text that is not known for Icelandic are bare digits.
    let is_bare = form.alone == 0.0 || place.country == Some(Country::IS);
    if !is_bare || form.strict || context.meaning.is_some_and(|meaning| meaning != Meaning::Telephone) {
        return None;
    }
    if further::continues_list(page, &place, found) {
        return Some(SECOND);
    }
    surroundings::confidence(page, &place, found)
}
