//! A partition's rows put together from its pieces, sorted.
//!
//! A row's columns stand side by side in the bits of one number, the first in the highest, so that the order of the numbers is the order of the
//! rows; where that takes more than 128 bits, or a column is no number, rows are sorted as they are.

use std::ops::Range;
use std::sync::Arc;

use arrow::array::{Array, ArrayRef, DictionaryArray, Int64Array, UInt32Array, new_empty_array};
use arrow::buffer::NullBuffer;
use arrow::compute::{concat, take};
use arrow::datatypes::DataType;
use arrow::error::ArrowError;
use sha2::{Digest, Sha256};

use super::content::cells;
use super::intern::{NULL, Ranked};
use super::order::sorted;
use super::packed::{Cells, Native, cells_of};

/// So many numbers are hashed at a time.
const AT_A_TIME: usize = 4096;

/// How a column's cells are read back.
pub(super) enum Shape<'a> {
    /// Codes: what they stand for. Where the row is hidden they are NULL.
    Coded(&'a Ranked, bool),
    /// Cells of this type.
    Plain(&'a DataType),
}

/// Sorted rows.
pub(super) enum Together {
    /// Where rows are no numbers.
    Columns(Vec<ArrayRef>),
    Numbers(Numbers),
}

/// Rows as sorted numbers, of which columns are made a slice at a time.
pub(super) struct Numbers {
    words: Words,
    /// In the order of the shapes.
    columns: Vec<Column>,
    /// What the rows hold, as a hash of the numbers and of what these stand for; equal for equal rows.
    pub content: [u8; 32],
}

enum Words {
    Narrow(Vec<u64>),
    Wide(Vec<u128>),
}

/// A column's place in a number, and how its cells are made.
struct Column {
    shift: u32,
    bits: u32,
    least: i64,
    cells: Made,
}

enum Made {
    /// The values that occur, whose places counted from 1 stand in the numbers.
    Coded(ArrayRef),
    Plain(DataType),
}

/// The sorted rows of pieces, by the columns of `first` and then all others in their order, NULL before everything. `pieces` hold per column
/// its cells, `hidden` per piece and row whether its quasi-identifiers are hidden.
pub(super) fn put_together(
    pieces: &[Vec<Cells>],
    hidden: Option<&[Vec<bool>]>,
    shapes: &[Shape<'_>],
    first: &[usize],
) -> Result<Together, ArrowError> {
    let others = (0..shapes.len()).filter(|at| !first.contains(at));
    let order: Vec<usize> = first.iter().copied().chain(others).collect();
    let fields: Option<Vec<BitField>> = order.iter().map(|at| BitField::of(pieces, hidden, *at, &shapes[*at])).collect();
    let bits = fields.as_ref().map(|fields| fields.iter().map(|field| field.bits).sum::<u32>());
    match (fields, bits) {
        (Some(fields), Some(..=64)) => {
            let words = sorted_numbers(pieces, hidden, shapes, &fields);
            Ok(Together::Numbers(Numbers::of(&words, shapes, fields)?.with(Words::Narrow(words))))
        }
        (Some(fields), Some(..=128)) => {
            let words = sorted_numbers(pieces, hidden, shapes, &fields);
            Ok(Together::Numbers(Numbers::of(&words, shapes, fields)?.with(Words::Wide(words))))
        }
        _ => {
            let columns = (0..shapes.len()).map(|at| in_place(pieces, hidden, at, &shapes[at])).collect::<Result<Vec<_>, _>>()?;
            Ok(Together::Columns(sorted(&columns, None, first)?))
        }
    }
}

/// A column's part of a number.
struct BitField {
    column: usize,
    /// What 1 stands for; 0 is NULL.
    least: i64,
    bits: u32,
    /// Of codes, by rank its place among those that occur here, counted from 1: a value that is nowhere here must not change the numbers.
    places: Vec<u32>,
    /// The ranks that occur here, less one.
    used: Vec<u32>,
}

impl BitField {
    fn of(pieces: &[Vec<Cells>], hidden: Option<&[Vec<bool>]>, column: usize, shape: &Shape<'_>) -> Option<Self> {
        let all = pieces.iter().map(|columns| Some((columns[column].least(), columns[column].native()?))).collect::<Option<Vec<_>>>()?;
        let Shape::Coded(ranked, can_hide) = shape else { return Self::plain(column, &all) };
        let mut occurs = vec![false; ranked.ranks.len()];
        for (piece, (_, codes)) in all.iter().enumerate() {
            match (codes, hidden.filter(|_| *can_hide).map(|hidden| &hidden[piece])) {
                (Native::Bytes(codes), None) => codes.iter().for_each(|code| occurs[usize::from(*code)] = true),
                (Native::Pairs(codes), None) => codes.iter().for_each(|code| occurs[usize::from(*code)] = true),
                (Native::Fours(codes), None) => codes.iter().for_each(|code| occurs[*code as usize] = true),
                (_, hidden) => {
                    let mut row = 0;
                    pieces[piece][column].each(|code| {
                        if !hidden.is_some_and(|hidden| hidden[row]) {
                            occurs[code.unwrap_or(0) as usize] = true;
                        }
                        row += 1;
                    });
                }
            }
        }
        // Of several codes that stand for one value any may occur.
        let mut places = vec![0_u32; ranked.ranks.len()];
        occurs.iter().zip(&ranked.ranks).filter(|(occurs, _)| **occurs).for_each(|(_, rank)| places[*rank as usize] = 1);
        places[NULL as usize] = 0;
        let mut used = Vec::new();
        for (rank, place) in places.iter_mut().enumerate().filter(|(_, place)| **place > 0) {
            used.push(rank as u32 - 1);
            *place = used.len() as u32;
        }
        let places = ranked.ranks.iter().map(|rank| places[*rank as usize]).collect();
        Some(Self { column, least: 1, bits: 32 - (used.len() as u32).leading_zeros(), places, used })
    }

    fn plain(column: usize, pieces: &[(i64, Native<'_>)]) -> Option<Self> {
        let (mut least, mut most) = (i64::MAX, i64::MIN);
        for (from, cells) in pieces {
            let (low, high) = match cells {
                Native::Bytes(cells) => ends(*from, cells.iter().map(|cell| u32::from(*cell))),
                Native::Pairs(cells) => ends(*from, cells.iter().map(|cell| u32::from(*cell))),
                Native::Fours(cells) => ends(*from, cells.iter().copied()),
                Native::Whole(cells) => (arrow::compute::min(cells).unwrap_or(i64::MAX), arrow::compute::max(cells).unwrap_or(i64::MIN)),
            };
            (least, most) = (least.min(low), most.max(high));
        }
        if least > most {
            return Some(Self { column, least: 0, bits: 0, places: Vec::new(), used: Vec::new() });
        }
        let different = most.abs_diff(least).checked_add(1)?;
        Some(Self { column, least, bits: 64 - different.leading_zeros(), places: Vec::new(), used: Vec::new() })
    }
}

/// The least and the most that distances stand for, the other way round where all are NULL.
fn ends(from: i64, distances: impl Iterator<Item = u32>) -> (i64, i64) {
    // NULL becomes the most there is, and is below 1.
    let (low, high) = distances.fold((u32::MAX, 0), |(low, high), distance| (low.min(distance.wrapping_sub(1)), high.max(distance)));
    if high == 0 { (i64::MAX, i64::MIN) } else { (from.wrapping_add(i64::from(low)), from.wrapping_add(i64::from(high) - 1)) }
}

/// A number that holds a row.
trait Word: Copy + Ord + Default {
    fn bytes(self, into: &mut Vec<u8>);
    fn put(&mut self, part: u64, shift: u32);
    fn part(self, shift: u32, bits: u32) -> u64;
}

macro_rules! word {
    ($($word:ty),*) => {$(
        impl Word for $word {
            fn bytes(self, into: &mut Vec<u8>) {
                into.extend_from_slice(&self.to_be_bytes());
            }

            fn put(&mut self, part: u64, shift: u32) {
                *self |= <$word>::from(part) << shift;
            }

            fn part(self, shift: u32, bits: u32) -> u64 {
                let mask = if bits == 64 { u64::MAX } else { (1 << bits) - 1 };
                (self >> shift) as u64 & mask
            }
        }
    )*};
}

word!(u64, u128);

/// Per field where it stands, the last lowest. Fields without a bit stand nowhere.
fn shifts(fields: &[BitField]) -> Vec<u32> {
    let mut below: u32 = fields.iter().map(|field| field.bits).sum();
    fields
        .iter()
        .map(|field| {
            below -= field.bits;
            below
        })
        .collect()
}

fn sorted_numbers<W: Word>(pieces: &[Vec<Cells>], hidden: Option<&[Vec<bool>]>, shapes: &[Shape<'_>], fields: &[BitField]) -> Vec<W> {
    let rows = pieces.iter().map(|columns| columns.first().map_or(0, Cells::len)).sum();
    let mut words = vec![W::default(); rows];
    for (field, shift) in fields.iter().zip(shifts(fields)).filter(|(field, _)| field.bits > 0) {
        let mut left = words.as_mut_slice();
        for (piece, columns) in pieces.iter().enumerate() {
            let cells = &columns[field.column];
            let (here, others) = left.split_at_mut(cells.len());
            left = others;
            match &shapes[field.column] {
                Shape::Coded(_, can_hide) => {
                    let hidden = hidden.filter(|_| *can_hide).map(|hidden| hidden[piece].as_slice());
                    put_codes(here, shift, cells, &field.places, hidden);
                }
                Shape::Plain(_) => put_distances(here, shift, cells, field.least),
            }
        }
    }
    words.sort_unstable();
    words
}

/// Puts the places of codes into the numbers of some rows.
fn put_codes<W: Word>(words: &mut [W], shift: u32, cells: &Cells, places: &[u32], hidden: Option<&[bool]>) {
    let place = |code: usize| u64::from(places[code]);
    match (cells.native(), hidden) {
        (Some(Native::Bytes(codes)), None) => {
            words.iter_mut().zip(codes).for_each(|(word, code)| word.put(place(usize::from(*code)), shift))
        }
        (Some(Native::Pairs(codes)), None) => {
            words.iter_mut().zip(codes).for_each(|(word, code)| word.put(place(usize::from(*code)), shift))
        }
        (Some(Native::Fours(codes)), None) => words.iter_mut().zip(codes).for_each(|(word, code)| word.put(place(*code as usize), shift)),
        (_, hidden) => {
            let mut row = 0;
            cells.each(|code| {
                if !hidden.is_some_and(|hidden| hidden[row]) {
                    words[row].put(place(code.unwrap_or(0) as usize), shift);
                }
                row += 1;
            });
        }
    }
}

/// Puts distances from a least into the numbers of some rows, counted from 1.
fn put_distances<W: Word>(words: &mut [W], shift: u32, cells: &Cells, least: i64) {
    // What the cells' own least is more than this one, or less: it may be of a row in another partition.
    let more = cells.least().wrapping_sub(least) as u64;
    let of = |distance: u32| if distance > 0 { u64::from(distance).wrapping_add(more) } else { 0 };
    match cells.native() {
        Some(Native::Bytes(cells)) => words.iter_mut().zip(cells).for_each(|(word, cell)| word.put(of(u32::from(*cell)), shift)),
        Some(Native::Pairs(cells)) => words.iter_mut().zip(cells).for_each(|(word, cell)| word.put(of(u32::from(*cell)), shift)),
        Some(Native::Fours(cells)) => words.iter_mut().zip(cells).for_each(|(word, cell)| word.put(of(*cell), shift)),
        Some(Native::Whole(cells)) => {
            let distance = |cell: Option<i64>| cell.map_or(0, |cell| cell.abs_diff(least) + 1);
            words.iter_mut().zip(cells.iter()).for_each(|(word, cell)| word.put(distance(cell), shift));
        }
        None => {}
    }
}

impl Numbers {
    /// What sorted numbers stand for, without themselves.
    fn of<W: Word>(words: &[W], shapes: &[Shape<'_>], fields: Vec<BitField>) -> Result<Self, ArrowError> {
        let mut content = Sha256::new();
        let mut columns: Vec<Option<Column>> = shapes.iter().map(|_| None).collect();
        let shifts = shifts(&fields);
        for (BitField { column, least, bits, used, .. }, shift) in fields.into_iter().zip(shifts) {
            content.update((column as u64).to_be_bytes());
            content.update(least.to_be_bytes());
            content.update(bits.to_be_bytes());
            let cells = match &shapes[column] {
                Shape::Coded(ranked, _) => {
                    let used = take(&ranked.values, &UInt32Array::from(used), None)?;
                    content.update((used.len() as u64).to_be_bytes());
                    cells(&mut content, &used)?;
                    Made::Coded(used)
                }
                Shape::Plain(data_type) => Made::Plain((*data_type).clone()),
            };
            columns[column] = Some(Column { shift, bits, least, cells });
        }
        let mut bytes = Vec::with_capacity(AT_A_TIME * size_of::<W>());
        for words in words.chunks(AT_A_TIME) {
            bytes.clear();
            words.iter().for_each(|word| word.bytes(&mut bytes));
            content.update(&bytes);
        }
        let columns =
            columns.into_iter().collect::<Option<_>>().ok_or_else(|| ArrowError::ComputeError("a column without a place".to_owned()));
        Ok(Self { words: Words::Narrow(Vec::new()), columns: columns?, content: content.finalize().into() })
    }

    fn with(self, words: Words) -> Self {
        Self { words, ..self }
    }

    /// The columns of some rows; texts that were codes as a dictionary.
    pub fn slice(&self, rows: Range<usize>) -> Result<Vec<ArrayRef>, ArrowError> {
        match &self.words {
            Words::Narrow(words) => self.unpacked(&words[rows]),
            Words::Wide(words) => self.unpacked(&words[rows]),
        }
    }

    /// The columns of single rows, as [`Self::slice`] has them.
    pub fn at(&self, rows: &[usize]) -> Result<Vec<ArrayRef>, ArrowError> {
        match &self.words {
            Words::Narrow(words) => self.unpacked(&rows.iter().map(|row| words[*row]).collect::<Vec<_>>()),
            Words::Wide(words) => self.unpacked(&rows.iter().map(|row| words[*row]).collect::<Vec<_>>()),
        }
    }

    fn unpacked<W: Word>(&self, words: &[W]) -> Result<Vec<ArrayRef>, ArrowError> {
        let column = |Column { shift, bits, least, cells }: &Column| {
            let parts: Vec<u64> =
                if *bits == 0 { vec![0; words.len()] } else { words.iter().map(|word| word.part(*shift, *bits)).collect() };
            let nulls = parts.contains(&0).then(|| NullBuffer::from_iter(parts.iter().map(|part| *part > 0)));
            match cells {
                Made::Coded(used) => {
                    let places = parts.iter().map(|part| (*part as u32).wrapping_sub(1) & if *part > 0 { u32::MAX } else { 0 });
                    let places = UInt32Array::new(places.collect::<Vec<_>>().into(), nulls);
                    match used.data_type() {
                        // The writer takes the texts from where they stand once.
                        DataType::Utf8 => Ok(Arc::new(DictionaryArray::try_new(places, used.clone())?) as ArrayRef),
                        _ => take(used, &places, None),
                    }
                }
                Made::Plain(data_type) => {
                    let numbers: Vec<i64> = parts.iter().map(|part| least.wrapping_add_unsigned(part.wrapping_sub(1))).collect();
                    cells_of(data_type, Int64Array::new(numbers.into(), nulls))
                }
            }
        };
        self.columns.iter().map(column).collect()
    }
}

/// The only column of pieces, as the rows came.
pub(super) fn put_together_as_they_came(
    pieces: &[Vec<Cells>],
    hidden: Option<&[Vec<bool>]>,
    shape: &Shape<'_>,
) -> Result<ArrayRef, ArrowError> {
    in_place(pieces, hidden, 0, shape)
}

/// A column as the rows came.
fn in_place(pieces: &[Vec<Cells>], hidden: Option<&[Vec<bool>]>, column: usize, shape: &Shape<'_>) -> Result<ArrayRef, ArrowError> {
    let cells = pieces.iter().enumerate().map(|(at, columns)| {
        let cells = &columns[column];
        match shape {
            // Cells that were too many for codes are never quasi-identifiers.
            _ if !cells.is_number() => Ok(cells.as_they_are()),
            Shape::Coded(ranked, can_hide) => {
                let here = hidden.filter(|_| *can_hide).map(|hidden| hidden[at].as_slice());
                let mut ranks: Vec<Option<u32>> = Vec::with_capacity(cells.len());
                cells.each(|code| {
                    let rank = ranked.ranks[code.unwrap_or(0) as usize];
                    let is_hidden = here.is_some_and(|hidden| hidden[ranks.len()]);
                    ranks.push(Some(rank).filter(|rank| *rank != NULL && !is_hidden).map(|rank| rank - 1));
                });
                take(&ranked.values, &UInt32Array::from(ranks), None)
            }
            Shape::Plain(data_type) => {
                let mut numbers = Vec::with_capacity(cells.len());
                cells.each(|number| numbers.push(number));
                cells_of(data_type, Int64Array::from(numbers))
            }
        }
    });
    let cells = cells.collect::<Result<Vec<_>, ArrowError>>()?;
    let cells: Vec<&dyn Array> = cells.iter().map(AsRef::as_ref).collect();
    match (cells.is_empty(), shape) {
        (false, _) => concat(&cells),
        (true, Shape::Coded(ranked, _)) => Ok(new_empty_array(ranked.values.data_type())),
        (true, Shape::Plain(data_type)) => Ok(new_empty_array(data_type)),
    }
}
