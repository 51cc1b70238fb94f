//! Which cells of a table of totals must be left out so that no small one can be worked out.

use std::collections::{BTreeSet, HashMap, VecDeque};

/// Up to so many dimensions, every margin is protected; beyond, the lines of single dimensions and the grand total.
const EVERY_MARGIN: usize = 6;

/// Cells to leave out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Suppressed {
    /// Per cell, whether it is left out.
    pub cells: Vec<bool>,
    /// How many have fewer than k subjects.
    pub small: u64,
    /// How many are left out only to protect others.
    pub complementary: u64,
}

/// Chooses the cells to leave out: those with fewer than `k` subjects, and complements.
///
/// `codes` gives per dimension the number of each cell's value; no two cells agree in all dimensions. `subjects` are the
/// cells' distinct subjects.
///
/// A *margin* is the set of cells that agree in some of the dimensions, whatever the others: the lines of a table (they agree
/// in all dimensions but one), its planes, and all cells together. Who knows a margin's total, from another set or from the
/// company's own report, subtracts the published cells from it. So no margin may have exactly one suppressed cell: the next
/// smallest of it is left out as well (the one with the fewest subjects, the first of equals), narrow margins first, until
/// nothing changes. A margin of one single cell is that cell; its total is not published either.
///
/// This protects against a single subtraction, not against solving many margins at once, nor against estimates from bounds.
pub(super) fn suppress(codes: &[Vec<u32>], subjects: &[u64], k: u64) -> Suppressed {
    let mut cells: Vec<bool> = subjects.iter().map(|subjects| *subjects < k).collect();
    let small = cells.iter().filter(|suppressed| **suppressed).count() as u64;
    let margins = margins(codes, subjects.len());
    let mut of_cell: Vec<Vec<usize>> = vec![Vec::new(); subjects.len()];
    for (margin, members) in margins.iter().enumerate() {
        for cell in members {
            of_cell[*cell].push(margin);
        }
    }
    let mut suppressed: Vec<usize> = margins.iter().map(|members| members.iter().filter(|cell| cells[**cell]).count()).collect();
    let mut exposed: VecDeque<usize> = (0..margins.len()).filter(|margin| suppressed[*margin] == 1).collect();
    let mut complementary = 0;
    while let Some(margin) = exposed.pop_front() {
        if suppressed[margin] != 1 {
            continue;
        }
        let next = margins[margin].iter().copied().filter(|cell| !cells[*cell]).min_by_key(|cell| (subjects[*cell], *cell));
        let Some(next) = next else {
            continue;
        };
        cells[next] = true;
        complementary += 1;
        for other in &of_cell[next] {
            suppressed[*other] += 1;
            if suppressed[*other] == 1 {
                exposed.push_back(*other);
            }
        }
    }
    Suppressed { cells, small, complementary }
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
        assert_eq!((found.small, found.complementary), (1, 3));
    }

    #[test]
    fn two_small_cells_of_a_line_protect_each_other() {
        let found = suppress(&[vec![0, 1, 2, 3]], &[1, 2, 30, 40], 5);
        assert_eq!((left_out(&found), found.small, found.complementary), (vec![0, 1], 2, 0));
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

    proptest! {
        /// The witness asks of every pair of a kept set of dimensions and values, by nested loops: is one unknown left?
        #[test]
        fn no_margin_is_one_subtraction_away((codes, subjects) in sparse_table()) {
            let found = suppress(&codes, &subjects, 5);
            for cell in 0..subjects.len() {
                prop_assert!(found.cells[cell] || subjects[cell] >= 5);
                for mask in 0_usize..7 {
                    let margin: Vec<usize> = (0..subjects.len())
                        .filter(|other| (0..3).all(|at| mask >> at & 1 == 0 || codes[at][*other] == codes[at][cell]))
                        .collect();
                    let unknown = margin.iter().filter(|cell| found.cells[**cell]).count();
                    prop_assert!(unknown != 1 || margin.len() == 1, "mask {mask}, {margin:?}");
                }
            }
            let left_out = found.cells.iter().filter(|cell| **cell).count() as u64;
            prop_assert_eq!(left_out, found.small + found.complementary);
            prop_assert!(found.small > 0 || found.complementary == 0);
        }
    }
}
