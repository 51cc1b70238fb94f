//! A plan made for one row, and what it says of it.

use std::path::Path;

use super::{Request, plan};
use crate::decide::{Given, Withheld};
use crate::error::Error;
use crate::explain::{self, Explained, Explaining};
use crate::progress::Progress;
use crate::session::World;

/// Explains one row, named by its category, record rule or table and by its key; changes nothing.
pub fn explain(
    path: &Path,
    request: &Request,
    what: &str,
    key: &[String],
    tenant: Option<&str>,
    world: &World<'_>,
    progress: &dyn Progress,
) -> Result<Explained, Error> {
    let (session, planned) = plan(path, request, world, progress)?;
    let (pipeline, state) = (&session.pipeline, &planned.read.state);
    let asked = explain::find(pipeline, state, &planned.read.tenants, what, key, tenant)?;
    let (table, row) = asked.place(pipeline);
    let of = state.tables[table].tenants[row as usize] as usize;
    let token = match planned.read.tenants.get(of) {
        Some(_) => crate::report::row_names(&planned.treating(&session), state, table, of, &[row])?.pop().unwrap_or_default(),
        None => {
            let hint = Some("`gallra plan` says which tenants are not processed, and why".to_owned());
            return Err(Error::Usage { message: "nothing is decided about this row: its tenant is not processed".to_owned(), hint });
        }
    };
    let withheld = Withheld::default();
    let given = Given {
        tenants: &planned.read.tenants,
        memory: &planned.memories,
        left: &planned.left,
        registered: &planned.holds.registered,
        withheld: &withheld,
    };
    Ok(Explaining { pipeline, state, given, plan: &planned.plan }.explain(asked, token)?)
}
