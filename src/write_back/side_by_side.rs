//! Batches that have nothing to do with each other, on several sessions at once.
//!
//! The ledger has one hand: this thread announces each batch, gives it to a session that is free, and confirms it when it comes back. While the
//! sessions work it makes the next batch ready.

use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::sync::mpsc::{Sender, channel};
use std::thread::{Result as Ended, scope};

use super::batch::{Done, Work};
use super::expected::Expected;
use super::job::Job;
use super::unit::{Kind, Unit};
use super::{SoFar, WriteBack, WriteError};
use crate::decide::Plan;
use crate::ledger::{Head, Ledger};
use crate::pipeline::Pipeline;
use crate::progress::Stage;
use crate::store::Writer;

/// What a session gives back: which one it is, the batch, and how it ended.
type Back<'w> = (usize, Job<'w>, Ended<Result<Done, WriteError>>);

impl Unit {
    /// Whether its batches can be written side by side: none locks whole tables, replaces keys or lets the database write elsewhere, and no row
    /// that is written hangs on rows of two batches.
    pub(super) fn is_divisible(&self, pipeline: &Pipeline, plan: &Plan) -> bool {
        let declared = self.hanging.iter().flat_map(|hanging| &hanging.path).all(|step| pipeline.references[*step].declared);
        let copied = pipeline.copied_elsewhere || self.hanging.iter().any(|hanging| pipeline.copied_into.contains(&hanging.table));
        let apart = self.hanging.iter().all(|hanging| !plan.writes(hanging.table) || self.paths_to(hanging.table) == 1);
        self.kind != Kind::Shared && declared && !copied && apart && !pipeline.rekeys()
    }
}

impl WriteBack<'_> {
    /// Writes batches of one unit. After an error no further one is begun, and those under way are finished.
    pub(super) fn side_by_side(
        &self,
        works: Vec<Work<'_>>,
        expected: &Expected<'_>,
        writers: &mut [Box<dyn Writer + '_>],
        ledger: &mut Ledger,
        so_far: &mut SoFar,
        stage: &dyn Stage,
    ) -> Result<(), WriteError> {
        let run = self.run;
        scope(|threads| {
            let (back, finished) = channel::<Back<'_>>();
            let mut lanes: Vec<Sender<(Job<'_>, Head)>> = Vec::with_capacity(writers.len());
            for (lane, writer) in writers.iter_mut().enumerate() {
                let (sender, jobs) = channel::<(Job<'_>, Head)>();
                let back = back.clone();
                lanes.push(sender);
                threads.spawn(move || {
                    for (job, head) in jobs {
                        // Whoever waits for this batch must hear of its end, whatever it is.
                        let ended = catch_unwind(AssertUnwindSafe(|| job.transact(run, expected, &head, &mut **writer)));
                        if back.send((lane, job, ended)).is_err() {
                            return;
                        }
                    }
                });
            }
            drop(back);
            let mut free: Vec<usize> = (0..lanes.len()).collect();
            let mut under_way = 0;
            let mut failed = None;
            let mut works = works.into_iter();
            let mut next = works.next().map(|work| self.job(work, so_far)).transpose()?;
            loop {
                while let (None, Some(job)) = (&failed, next.take_if(|_| !free.is_empty())) {
                    match self.announce(&job, ledger) {
                        Ok(head) => {
                            let sent = free.pop().and_then(|lane| lanes.get(lane)).map(|lane| lane.send((job, head)));
                            under_way += usize::from(matches!(sent, Some(Ok(()))));
                        }
                        Err(error) => failed = Some(error),
                    }
                    match works.next().map(|work| self.job(work, so_far)).transpose() {
                        Ok(job) => next = job,
                        Err(error) => failed = failed.or(Some(error)),
                    }
                }
                let Some((lane, job, ended)) = (under_way > 0).then(|| finished.recv().ok()).flatten() else { break };
                under_way -= 1;
                free.push(lane);
                let result = ended.unwrap_or_else(|panic| resume_unwind(panic));
                match self.confirm(&job, result, ledger) {
                    Ok(done) => so_far.took(&job, done, stage),
                    Err(error) => failed = failed.or(Some(error)),
                }
            }
            failed.map_or(Ok(()), Err)
        })
    }
}
