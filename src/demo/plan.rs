//! Who the customers are, what their dates are made for and how much they buy, before any row is written.

use super::people::Kind;
use super::random::Random;
use super::{DemoError, Size};

/// What the customer's dates are made for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Fate {
    /// Something happened within the last 23 months.
    Active,
    /// Created long ago, no links: due for deletion.
    Silent,
    /// Bought only things whose bookkeeping duty has ended: due for anonymisation.
    Old,
    /// Bought before the last two years, within the bookkeeping duty: due in part.
    Middle,
    /// A company: any time, it is no natural person.
    Anytime,
}

impl Fate {
    /// The 24 months are over.
    pub(super) fn is_due(self) -> bool {
        matches!(self, Self::Silent | Self::Old | Self::Middle)
    }
}

/// A customer before its rows are written.
#[derive(Debug, Clone, Copy)]
pub(super) struct Planned {
    /// Who it is.
    pub(super) kind: Kind,
    /// What its dates are made for.
    pub(super) fate: Fate,
    /// Share of the order rows.
    pub(super) weight: u32,
}

/// A share of 3 % of the natural persons is due, so that the usual brake of 5 % stays open.
const DUE_PER_MILLE: u32 = 30;

/// Decides who the customers are and how much they buy.
pub(super) fn plan(size: &Size, random: &mut Random) -> Result<Vec<Planned>, DemoError> {
    if size.customers == 0 && size.order_rows > 0 {
        return Err(DemoError::NoCustomers { order_rows: size.order_rows });
    }
    let mut planned = Vec::new();
    for _ in 0..size.customers {
        let kind = match random.below(100) {
            0..=11 => Kind::Company,
            12..=19 => Kind::SoleTrader,
            _ => Kind::Private,
        };
        let fate = if kind == Kind::Company {
            Fate::Anytime
        } else if random.per_mille(DUE_PER_MILLE) {
            [Fate::Silent, Fate::Old, Fate::Middle][random.below(3) as usize]
        } else {
            Fate::Active
        };
        let weight = match fate {
            Fate::Silent => 0,
            Fate::Old | Fate::Middle => random.between(10, 40),
            Fate::Active | Fate::Anytime if random.per_mille(150) => 0,
            Fate::Active | Fate::Anytime => {
                let root = random.below(16);
                10 + root * root
            }
        };
        planned.push(Planned { kind, fate, weight });
    }
    // Somebody has to buy, however few the customers are.
    if planned.iter().all(|customer| customer.weight == 0)
        && let Some(first) = planned.first_mut()
    {
        *first = Planned { kind: Kind::Private, fate: Fate::Active, weight: 1 };
    }
    Ok(planned)
}
