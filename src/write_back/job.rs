//! One batch as a transaction, begun anew while somebody else's work stands in its way.

use std::time::Duration;

use backon::{BlockingRetryable, ExponentialBuilder};

use super::batch::{Done, Work};
use super::expected::Expected;
use super::{BATCH_MARKER, WriteError, batch_name, store_head};
use crate::ledger::{Head, Token};
use crate::store::{JournalEntry, Patience, Writer};

/// How often a batch is begun anew after somebody else's work stood in its way.
const TRIES: usize = 4;

/// How long is waited before the second try; each further one waits twice as long.
const FIRST_DELAY: Duration = Duration::from_millis(200);

/// A batch.
pub(super) struct Job<'a> {
    /// What is to be done.
    pub work: Work<'a>,
    /// Its number in the run, from 1.
    pub number: u64,
    /// Its rows as the ledger names them.
    pub tokens: Vec<Token>,
}

impl Job<'_> {
    /// Does it; the last time without waiting, so that what is held stays behind and the rest is written.
    pub fn transact(&self, run: &str, expected: &Expected<'_>, head: &Head, writer: &mut dyn Writer) -> Result<Done, WriteError> {
        let tries = ExponentialBuilder::default().with_min_delay(FIRST_DELAY).with_max_times(TRIES).with_jitter();
        let mut left = TRIES;
        let attempt = || {
            let patience = if left == 0 { Patience::Skip } else { Patience::Wait };
            left = left.saturating_sub(1);
            self.attempt(run, expected, head, writer, patience)
        };
        let transient = |error: &WriteError| matches!(error, WriteError::Store(error) if error.is_transient());
        attempt.retry(tries).when(transient).notify(|error, _| tracing::info!(batch = self.number, %error, "batch begun anew")).call()
    }

    fn attempt(
        &self,
        run: &str,
        expected: &Expected<'_>,
        head: &Head,
        writer: &mut dyn Writer,
        patience: Patience,
    ) -> Result<Done, WriteError> {
        let mut transaction = writer.batch()?;
        // From here on: whoever is held by now stays as it is.
        let late = || self.work.latecomers.rows(&self.work);
        let mut held = late()?;
        let mut done = loop {
            let done = self.work.run(&mut *transaction, expected, patience, &held)?;
            let now = late()?;
            if now == held {
                break done;
            }
            tracing::info!(batch = self.number, "batch begun anew, because a hold came");
            held = now;
            drop(transaction);
            transaction = writer.batch()?;
        };
        let name = batch_name(run, self.number);
        let tenant = &self.work.treating.tenants[self.work.tenant];
        done.journal.iter_mut().for_each(|entry| entry.batch.clone_from(&name));
        done.journal.push(JournalEntry {
            tenant: tenant.name.clone(),
            table: BATCH_MARKER.to_owned(),
            token: name.clone(),
            batch: name,
            outcome: "committed".to_owned(),
            clock_start: None,
            version: String::new(),
            written_on: tenant.as_of.to_string(),
        });
        transaction.journal(&done.journal)?;
        transaction.set_head(&store_head(head))?;
        transaction.commit()?;
        Ok(done)
    }
}
