//! Which cells of a table of totals must be left out so that no small one can be worked out.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet, VecDeque};

use super::amounts::Amounts;
use super::field::{inverse, negative, product, spread, sum};
use super::frozen::Standing;

/// Up to so many dimensions, every margin is protected; beyond, the lines of single dimensions and the grand total.
const EVERY_MARGIN: usize = 6;

/// After so many rounds in which cells were taken along for others it is asked whether any of these can be protected at all.
const PATIENCE: usize = 2;

/// A table of totals, cell by cell.
pub(super) struct Table<'a> {
    /// Per dimension the number of each cell's value; no two cells agree in all dimensions.
    pub codes: &'a [Vec<u32>],
    /// Per cell its distinct subjects.
    pub subjects: &'a [u64],
    /// The subjects of a cell's rows, in any order and any number of times.
    pub people: &'a dyn Fn(usize) -> Vec<u32>,
    /// What people contribute to sums and means, where there are any.
    pub amounts: Option<&'a Amounts<'a>>,
    /// Per cell where it stands among earlier releases: frozen ones are shown and withheld ones left out whatever their size, and only cells of
    /// which nobody knows the values protect others. None where there is no earlier release.
    pub standings: &'a [Standing],
}

impl Table<'_> {
    fn standing(&self, cell: usize) -> Standing {
        self.standings.get(cell).copied().unwrap_or(Standing::New)
    }

    /// Whether a cell shows too much of one person.
    fn is_unsafe(&self, cell: usize) -> bool {
        self.amounts.is_some_and(|amounts| amounts.is_unsafe(cell))
    }
}

/// Cells to leave out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Suppressed {
    /// Per cell, whether it is left out.
    pub cells: Vec<bool>,
    /// How many have fewer than k subjects, show too much of one person, or are withheld.
    pub small: u64,
    /// How many are left out only to protect others.
    pub complementary: u64,
    /// How many cells of `small` could be worked out by who knows the totals of all lines and planes, because nothing could protect them, or
    /// nothing that is not known.
    pub exposed: u64,
}

/// Chooses the cells to leave out: those with fewer than `k` subjects, those whose sums show too much of one (`amounts.rs`), and complements.
///
/// A *margin* is the set of cells that agree in some of the dimensions, whatever the others: the lines of a table (they agree
/// in all dimensions but one), its planes, and all cells together. Who knows a margin's total, from another set or from the
/// company's own report, subtracts the published cells from it. What remains is the total of its suppressed cells, a cell of its own: they
/// must be two or more, have `k` distinct subjects together, so that two people alone do not work out each other's, and sums that show too much of
/// nobody. Otherwise the next
/// smallest of the margin is left out as well (the one with the fewest subjects, the first of equals), narrow margins first, until nothing
/// changes. A margin of one single cell is that cell; its total is not published either.
///
/// Who knows all margins solves them together: in two dimensions a suppressed cell is found so exactly if no cycle of suppressed cells (row,
/// column, row …) leads through it. A small cell that the margins determine takes further cells along until they do not. Then it can be
/// larger or smaller by some amount while all margins and all published cells stay as they are.
///
/// A cell can be alone in the total of some of its values (one customer of a year has no postcode), and follow from the totals of the others even
/// if nothing at all were published. Nothing can protect it from who knows all of those; it is left out, line by line as every small cell, the
/// rest of the table is not given up for it, and it counts as exposed.
///
/// How much larger or smaller a sum can be is not reckoned over all margins together, only line by line.
///
/// This does not protect against somebody who knows more than totals: how many rows a suppressed cell has at least, or one's own part of it.
pub(super) fn suppress(table: &Table<'_>, k: u64) -> Suppressed {
    let count = table.subjects.len();
    let is_small = |cell: usize| match table.standing(cell) {
        Standing::Frozen => false,
        Standing::Withheld => true,
        Standing::New | Standing::Known | Standing::Changed => table.subjects[cell] < k || table.is_unsafe(cell),
    };
    let small: Vec<bool> = (0..count).map(is_small).collect();
    let mut hopeless = None;
    loop {
        let mut lines = Lines::of(table, k, small.clone());
        let mut complementary = lines.fill();
        let mut rounds = 0;
        let exposed = loop {
            let determined = lines.determined(&lines.cells);
            let exposed: Vec<usize> = (0..count).filter(|cell| small[*cell] && determined[*cell]).collect();
            let is_hopeless = |cell: usize| hopeless.as_ref().is_some_and(|hopeless: &Vec<bool>| hopeless[cell]);
            let to_protect: Vec<usize> = exposed.iter().copied().filter(|cell| !is_hopeless(*cell)).collect();
            if rounds == PATIENCE && hopeless.is_none() && !to_protect.is_empty() {
                break None;
            }
            let mut added = 0;
            for cell in to_protect {
                added += u64::from(lines.protect(cell));
            }
            if added == 0 {
                break Some(exposed.len() as u64);
            }
            complementary += added + lines.fill();
            rounds += 1;
        };
        if let Some(exposed) = exposed {
            return Suppressed { cells: lines.cells, small: small.iter().filter(|small| **small).count() as u64, complementary, exposed };
        }
        // Begun anew, without what was taken along in vain.
        let most: Vec<bool> = (0..count).map(|cell| small[cell] || table.standing(cell).may_protect()).collect();
        hopeless = Some(lines.determined(&most));
    }
}

/// The margins of a table, and what is left out of them so far.
struct Lines<'a> {
    table: &'a Table<'a>,
    k: u64,
    cells: Vec<bool>,
    /// Narrow ones first.
    margins: Vec<Vec<usize>>,
    /// Per cell its margins, narrow ones first.
    of_cell: Vec<Vec<usize>>,
    /// Margins that have to be looked at.
    queue: VecDeque<usize>,
    /// Per margin whether it is large enough as it is now.
    settled: Vec<bool>,
}

impl<'a> Lines<'a> {
    fn of(table: &'a Table<'a>, k: u64, cells: Vec<bool>) -> Self {
        let margins = margins(table.codes, cells.len());
        let mut of_cell: Vec<Vec<usize>> = vec![Vec::new(); cells.len()];
        for (margin, members) in margins.iter().enumerate() {
            for cell in members {
                of_cell[*cell].push(margin);
            }
        }
        let queue = (0..margins.len()).filter(|margin| margins[*margin].iter().any(|cell| cells[*cell])).collect();
        let settled = vec![false; margins.len()];
        Self { table, k, cells, margins, of_cell, queue, settled }
    }

    /// Whether what remains of a margin is too little.
    fn remainder_is_small(&self, margin: usize) -> bool {
        let mut left_out = self.margins[margin].iter().copied().filter(|cell| self.cells[*cell]);
        match (left_out.next(), left_out.next()) {
            (None, _) => false,
            (Some(_), None) => true,
            (Some(first), Some(second)) => {
                let all = || [first, second].into_iter().chain(left_out);
                if self.table.subjects[first].max(self.table.subjects[second]) >= self.k {
                    return false;
                }
                let mut people = HashSet::new();
                for cell in all() {
                    if self.table.subjects[cell] >= self.k {
                        return false;
                    }
                    people.extend((self.table.people)(cell));
                    if people.len() as u64 >= self.k {
                        return false;
                    }
                }
                true
            }
        }
    }

    /// Leaves out the smallest cell of a margin that nobody knows and says which; `None` where there is none.
    fn take_along(&mut self, margin: usize) -> Option<usize> {
        let candidates = self.margins[margin].iter().copied();
        let candidates = candidates.filter(|cell| !self.cells[*cell] && self.table.standing(*cell).may_protect());
        let next = candidates.min_by_key(|cell| (self.table.subjects[*cell], *cell))?;
        self.cells[next] = true;
        self.queue.extend(&self.of_cell[next]);
        self.of_cell[next].iter().for_each(|margin| self.settled[*margin] = false);
        Some(next)
    }

    /// Leaves out cells until every margin's remainder is large enough, as far as there are any. Returns how many.
    fn fill(&mut self) -> u64 {
        let mut added = 0;
        while let Some(margin) = self.queue.pop_front() {
            if self.settled[margin] {
                continue;
            }
            let mut together = self.table.amounts.map(Amounts::together);
            if let Some(together) = &mut together {
                self.margins[margin].iter().filter(|cell| self.cells[**cell]).for_each(|cell| together.add(*cell));
            }
            while self.remainder_is_small(margin) || together.as_ref().is_some_and(|together| together.is_unsafe()) {
                let Some(cell) = self.take_along(margin) else { break };
                if let Some(together) = &mut together {
                    together.add(cell);
                }
                added += 1;
            }
            self.settled[margin] = true;
        }
        added
    }

    /// Leaves out one more cell of the narrowest margin of a cell that has one to give.
    fn protect(&mut self, cell: usize) -> bool {
        let margins = self.of_cell[cell].clone();
        margins.into_iter().any(|margin| self.take_along(margin).is_some())
    }

    /// Which of the suppressed `cells` follow from the totals of all margins.
    ///
    /// The differences that the totals allow are the solutions of a homogeneous system with a row per margin and an unknown per suppressed
    /// cell. A cell is determined if it is zero in all of them; one solution with arbitrary free unknowns tells, but for a chance of one in
    /// 2^61 that errs towards «determined».
    fn determined(&self, cells: &[bool]) -> Vec<bool> {
        let mut rows: Vec<BTreeMap<usize, u64>> = Vec::new();
        let mut of_unknown: Vec<BTreeSet<usize>> = vec![BTreeSet::new(); cells.len()];
        for members in &self.margins {
            let row: BTreeMap<usize, u64> = members.iter().filter(|cell| cells[**cell]).map(|cell| (*cell, 1)).collect();
            for cell in row.keys() {
                of_unknown[*cell].insert(rows.len());
            }
            rows.push(row);
        }
        let mut solved: Vec<(usize, BTreeMap<usize, u64>)> = Vec::new();
        let mut solution = vec![0; cells.len()];
        for unknown in (0..cells.len()).filter(|cell| cells[*cell]) {
            // The shortest row, so that the others grow little.
            let Some(pivot) = of_unknown[unknown].iter().copied().min_by_key(|row| (rows[*row].len(), *row)) else {
                solution[unknown] = spread(unknown as u64);
                continue;
            };
            let pivot_row = std::mem::take(&mut rows[pivot]);
            for cell in pivot_row.keys() {
                of_unknown[*cell].remove(&pivot);
            }
            let scale = pivot_row.get(&unknown).map_or(0, |factor| inverse(*factor));
            for other in std::mem::take(&mut of_unknown[unknown]) {
                let factor = negative(product(rows[other].get(&unknown).copied().unwrap_or(0), scale));
                for (cell, above) in &pivot_row {
                    let entry = rows[other].entry(*cell).or_insert(0);
                    *entry = sum(*entry, product(factor, *above));
                    if *entry == 0 {
                        rows[other].remove(cell);
                        of_unknown[*cell].remove(&other);
                    } else {
                        of_unknown[*cell].insert(other);
                    }
                }
            }
            solved.push((unknown, pivot_row));
        }
        for (unknown, row) in solved.iter().rev() {
            let rest = row
                .iter()
                .filter(|(cell, _)| *cell != unknown)
                .fold(0, |rest, (cell, factor)| sum(rest, product(*factor, solution[*cell])));
            solution[*unknown] = row.get(unknown).map_or(0, |factor| negative(product(rest, inverse(*factor))));
        }
        solution.into_iter().map(|value| value == 0).collect()
    }
}

/// The margins of a table, each as its cells in ascending order; narrow ones first.
fn margins(codes: &[Vec<u32>], cells: usize) -> Vec<Vec<usize>> {
    let dimensions = codes.len();
    let mut collapsed: Vec<BTreeSet<usize>> = if dimensions <= EVERY_MARGIN {
        (1_usize..1 << dimensions).map(|mask| (0..dimensions).filter(|dimension| mask >> dimension & 1 == 1).collect()).collect()
    } else {
        (0..dimensions).map(|dimension| BTreeSet::from([dimension])).chain([(0..dimensions).collect()]).collect()
    };
    collapsed.sort_by_key(BTreeSet::len);
    let mut margins = Vec::new();
    for collapsed in collapsed {
        let mut of_key: HashMap<Vec<u32>, usize> = HashMap::new();
        let first = margins.len();
        let kept: Vec<&Vec<u32>> = codes.iter().enumerate().filter(|(at, _)| !collapsed.contains(at)).map(|(_, codes)| codes).collect();
        for cell in 0..cells {
            let key = kept.iter().map(|codes| codes[cell]).collect();
            let next = first + of_key.len();
            let margin = *of_key.entry(key).or_insert(next);
            if margin == margins.len() {
                margins.push(Vec::new());
            }
            margins[margin].push(cell);
        }
    }
    // A margin of one cell has no complement to offer.
    margins.retain(|members| members.len() > 1);
    margins
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// A full table of two dimensions, row by row.
    fn table(rows: u32, columns: u32) -> Vec<Vec<u32>> {
        let cells = || (0..rows).flat_map(move |row| (0..columns).map(move |column| (row, column)));
        vec![cells().map(|cell| cell.0).collect(), cells().map(|cell| cell.1).collect()]
    }

    /// A table in which nobody is in two cells, and none was shown before.
    fn suppress(codes: &[Vec<u32>], subjects: &[u64], k: u64) -> Suppressed {
        let people = |cell: usize| (0..subjects[cell]).map(|person| (cell as u32) << 16 | person as u32).collect();
        super::suppress(&Table { codes, subjects, people: &people, amounts: None, standings: &[] }, k)
    }

    fn left_out(suppressed: &Suppressed) -> Vec<usize> {
        (0..suppressed.cells.len()).filter(|cell| suppressed.cells[*cell]).collect()
    }

    #[test]
    fn a_small_cell_takes_a_rectangle_with_it() {
        // Worked out by hand, k = 5. The table is 9 10 30 / 20 3 8 / 50 7 40, and cell 4 (the 3) is small. In its column
        // (10, 3, 7) the 7 goes, in its row (20, 3, 8) the 8 goes. Now the 7 is alone in the last row (50, 7, 40): the 40
        // goes, which is in the column of the 8 as well. Every line has none or two.
        let subjects = [9, 10, 30, 20, 3, 8, 50, 7, 40];
        let found = suppress(&table(3, 3), &subjects, 5);
        assert_eq!(left_out(&found), [4, 5, 7, 8]);
        assert_eq!((found.small, found.complementary, found.exposed), (1, 3, 0));
    }

    #[test]
    fn small_cells_of_a_line_protect_each_other_if_they_are_k_people() {
        let found = suppress(&[vec![0, 1, 2, 3]], &[2, 3, 30, 40], 5);
        assert_eq!((left_out(&found), found.small, found.complementary), (vec![0, 1], 2, 0));
        // Three people would be a cell of their own: the total less what is published.
        let found = suppress(&[vec![0, 1, 2, 3]], &[1, 2, 30, 40], 5);
        assert_eq!((left_out(&found), found.small, found.complementary), (vec![0, 1, 2], 2, 1));
        // The same three people in both cells are three people.
        let people = |cell: usize| if cell < 2 { vec![1, 2, 3, 3] } else { (10..40).collect() };
        let (codes, subjects) = ([vec![0, 1, 2, 3]], [3, 3, 30, 30]);
        let found = super::suppress(&Table { codes: &codes, subjects: &subjects, people: &people, amounts: None, standings: &[] }, 5);
        assert_eq!(left_out(&found), [0, 1, 2]);
    }

    #[test]
    fn one_dimension_is_one_line() {
        let found = suppress(&[vec![0, 1, 2, 3]], &[9, 4, 8, 8], 5);
        assert_eq!((left_out(&found), found.complementary), (vec![1, 2], 1));
    }

    #[test]
    fn nothing_small_leaves_nothing_out() {
        assert_eq!(left_out(&suppress(&table(3, 3), &[5; 9], 5)), Vec::<usize>::new());
        assert_eq!(left_out(&suppress(&[], &[], 5)), Vec::<usize>::new());
        assert_eq!(left_out(&suppress(&[], &[4], 5)), [0]);
    }

    #[test]
    fn a_cell_alone_in_its_lines_is_protected_in_the_grand_total() {
        // Lund and Malmö in one region, Visby (the 2) alone in another. All that Visby shares is the grand total, so Malmö
        // (the 9) goes, and then Lund is all that is left between its region's total and Malmö.
        let city = vec![0, 1, 2];
        let region = vec![0, 0, 1];
        assert_eq!(left_out(&suppress(&[city, region], &[10, 9, 2], 5)), [0, 1, 2]);
    }

    #[test]
    fn what_everybody_knows_protects_nothing() {
        // The 8 has been published before. The 9 goes instead of it; were all of them known, nothing could be done, and that is said.
        let people = |cell: usize| (0..8).map(|person| cell as u32 * 10 + person).collect();
        let (codes, subjects) = ([vec![0, 1, 2, 3]], [9, 4, 8, 30]);
        let with = |standings: &[Standing]| {
            super::suppress(&Table { codes: &codes, subjects: &subjects, people: &people, amounts: None, standings }, 5)
        };
        use Standing::{Changed, Frozen, Known, New, Withheld};
        let found = with(&[Changed, New, Known, New]);
        assert_eq!((left_out(&found), found.exposed), (vec![0, 1], 0));
        let found = with(&[Known, New, Frozen, Known]);
        assert_eq!((left_out(&found), found.exposed), (vec![1], 1));
        // A frozen cell is shown however small it has become, and a withheld one is left out however large.
        let found = with(&[New, Frozen, New, Withheld]);
        assert_eq!((left_out(&found), found.small, found.complementary), (vec![2, 3], 1, 1));
    }

    #[test]
    fn two_cycles_do_not_protect_the_cell_between_them() {
        // Suppressed are the corners of two squares (rows and columns 0-1, rows and columns 2-3), each a cycle of small cells, and cell (1, 2)
        // that joins them. Every line has two or three of them, but rows 0 and 1 together less columns 0 and 1 are cell (1, 2).
        let mut subjects = vec![90; 16];
        for cell in [0, 1, 4, 5, 10, 11, 14, 15, 6] {
            subjects[cell] = 3;
        }
        let found = suppress(&table(4, 4), &subjects, 5);
        assert!(found.complementary > 0);
        assert_eq!(found.exposed, 0);
    }

    #[test]
    fn a_cell_that_nothing_protects_does_not_cost_the_table() {
        // Two years, nine areas and none, two kinds. In the second year one person has no area: whoever knows that year's total and those of all
        // nine areas knows that one, whatever is left out.
        let mut cells: Vec<[u32; 3]> = Vec::new();
        for year in 0..2 {
            for area in 0..9 {
                cells.extend([[year, area, 0], [year, area, 1]]);
            }
        }
        cells.extend([[0, 9, 0], [1, 9, 0]]);
        let codes: Vec<Vec<u32>> = (0..3).map(|at| cells.iter().map(|cell| cell[at]).collect()).collect();
        let mut subjects = vec![40; 36];
        subjects.extend([17, 1]);
        let found = suppress(&codes, &subjects, 5);
        assert_eq!((found.small, found.exposed), (1, 1));
        assert!(found.cells[37] && found.complementary >= 1 && found.complementary <= 12, "{}", found.complementary);
    }

    fn sparse_table() -> impl Strategy<Value = (Vec<Vec<u32>>, Vec<u64>)> {
        prop::collection::btree_map((0_u32..3, 0_u32..4, 0_u32..2), 0_u64..12, 0..24).prop_map(|cells| {
            let codes = vec![
                cells.keys().map(|key| key.0).collect(),
                cells.keys().map(|key| key.1).collect(),
                cells.keys().map(|key| key.2).collect(),
            ];
            (codes, cells.into_values().collect())
        })
    }

    /// Per margin of more than one cell its cells, by nested loops over what a cell agrees in.
    fn margins_of(codes: &[Vec<u32>], cells: usize) -> BTreeSet<Vec<usize>> {
        let mut margins = BTreeSet::new();
        for cell in 0..cells {
            for mask in 0_usize..(1 << codes.len()) - 1 {
                let agree = |other: usize| (0..codes.len()).all(|at| mask >> at & 1 == 0 || codes[at][other] == codes[at][cell]);
                margins.insert((0..cells).filter(|other| agree(*other)).collect::<Vec<_>>());
            }
        }
        margins.into_iter().filter(|margin| margin.len() > 1).collect()
    }

    /// The attacker who solves all margins together, with fractions: is this cell the same in every solution?
    fn solves(margins: &BTreeSet<Vec<usize>>, left_out: &[usize], target: usize) -> bool {
        // A cell follows from the totals if and only if a row with 1 at the cell alone adds no rank to the margins' rows.
        let row = |cells: &[usize]| left_out.iter().map(|cell| f64::from(u8::from(cells.contains(cell)))).collect::<Vec<_>>();
        let rank = |mut rows: Vec<Vec<f64>>| {
            let mut rank = 0;
            for column in 0..left_out.len() {
                let best = (rank..rows.len()).max_by(|one, other| rows[*one][column].abs().total_cmp(&rows[*other][column].abs()));
                let Some(best) = best.filter(|best| rows[*best][column].abs() > 1e-9) else { continue };
                rows.swap(rank, best);
                let pivot = rows[rank].clone();
                for row in &mut rows[rank + 1..] {
                    let factor = row[column] / pivot[column];
                    row.iter_mut().zip(&pivot).for_each(|(cell, above)| *cell -= factor * above);
                }
                rank += 1;
            }
            rank
        };
        let rows: Vec<Vec<f64>> = margins.iter().map(|margin| row(margin)).collect();
        let mut more = rows.clone();
        more.push(row(&[target]));
        rank(more) == rank(rows)
    }

    /// Whole numbers from 0 that a suppressed cell of a table of two dimensions can be, with all totals of rows and columns given. The
    /// attacker counts rows and knows which cells there are.
    fn possible(codes: &[Vec<u32>], values: &[u64], left_out: &[usize], target: usize) -> BTreeSet<u64> {
        fn go(
            at: usize,
            left_out: &[usize],
            codes: &[Vec<u32>],
            rest: &mut [BTreeMap<u32, u64>; 2],
            now: &mut Vec<u64>,
            found: &mut Vec<Vec<u64>>,
        ) {
            if found.len() > 200_000 {
                return;
            }
            let Some(cell) = left_out.get(at) else {
                if rest.iter().all(|rest| rest.values().all(|rest| *rest == 0)) {
                    found.push(now.clone());
                }
                return;
            };
            let (row, column) = (codes[0][*cell], codes[1][*cell]);
            // The last of its line takes what is left.
            let last = |dimension: usize| !left_out[at + 1..].iter().any(|other| codes[dimension][*other] == codes[dimension][*cell]);
            let most = rest[0][&row].min(rest[1][&column]);
            let least = if last(0) {
                rest[0][&row]
            } else if last(1) {
                rest[1][&column]
            } else {
                0
            };
            for value in least..=most {
                *rest[0].get_mut(&row).unwrap() -= value;
                *rest[1].get_mut(&column).unwrap() -= value;
                now.push(value);
                go(at + 1, left_out, codes, rest, now, found);
                now.pop();
                *rest[0].get_mut(&row).unwrap() += value;
                *rest[1].get_mut(&column).unwrap() += value;
            }
        }
        let mut rest = [BTreeMap::new(), BTreeMap::new()];
        for cell in left_out {
            *rest[0].entry(codes[0][*cell]).or_default() += values[*cell];
            *rest[1].entry(codes[1][*cell]).or_default() += values[*cell];
        }
        let mut found = Vec::new();
        go(0, left_out, codes, &mut rest, &mut Vec::new(), &mut found);
        let position = left_out.iter().position(|cell| *cell == target).unwrap();
        found.into_iter().map(|solution| solution[position]).collect()
    }

    proptest! {
        /// The witness asks of every margin: are one unknown, or fewer than k people, left? And solves them all for every small cell.
        #[test]
        fn no_small_cell_follows_from_margins((codes, subjects) in sparse_table()) {
            let found = suppress(&codes, &subjects, 5);
            let left_out = left_out(&found);
            let margins = margins_of(&codes, subjects.len());
            for margin in &margins {
                let unknown: Vec<&usize> = margin.iter().filter(|cell| found.cells[**cell]).collect();
                let people: u64 = unknown.iter().map(|cell| subjects[**cell]).sum();
                prop_assert!(unknown.is_empty() || unknown.len() == margin.len() || (unknown.len() > 1 && people >= 5), "{margin:?}");
            }
            let mut exposed = 0;
            for cell in 0..subjects.len() {
                prop_assert!(found.cells[cell] || subjects[cell] >= 5);
                if subjects[cell] < 5 && solves(&margins, &left_out, cell) {
                    exposed += 1;
                }
            }
            prop_assert_eq!(found.exposed, exposed);
            let all: Vec<usize> = (0..subjects.len()).collect();
            for cell in left_out.iter().filter(|cell| subjects[**cell] < 5 && solves(&margins, &left_out, **cell)) {
                prop_assert!(solves(&margins, &all, *cell), "{cell} follows, and would not if more were left out");
            }
            prop_assert_eq!(left_out.len() as u64, found.small + found.complementary);
            prop_assert!(found.small > 0 || found.complementary == 0);
        }

        /// Tables of rows and columns without gaps, in which everybody has one row: whoever knows all totals finds several values for a small
        /// cell.
        #[test]
        fn a_small_cell_may_be_more_or_less(rows in 2_u32..4, columns in 2_u32..4, seed in prop::collection::vec(1_u64..11, 9)) {
            let codes = table(rows, columns);
            let subjects = &seed[..(rows * columns) as usize];
            let found = suppress(&codes, subjects, 4);
            let left_out = left_out(&found);
            for cell in left_out.iter().filter(|cell| subjects[**cell] < 4) {
                let possible = possible(&codes, subjects, &left_out, *cell);
                prop_assert!(possible.contains(&subjects[*cell]), "the truth is among them");
                prop_assert!(possible.len() >= 2, "cell {cell}: {possible:?}");
            }
        }
    }
}
