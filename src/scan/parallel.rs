//! Pieces of work on all cores, each thread with a workspace of its own.

use std::sync::{Mutex, PoisonError};

use rayon::prelude::*;

use crate::detect::Workspace;

/// The threads' memory, used again from piece to piece.
pub(super) struct Workers {
    workspaces: Vec<Mutex<Workspace>>,
}

impl Workers {
    pub(super) fn new() -> Self {
        Self { workspaces: (0..rayon::current_num_threads()).map(|_| Mutex::default()).collect() }
    }

    /// Works on each piece; the results are in the pieces' order.
    pub(super) fn map<P: Sync, R: Send>(&self, pieces: &[P], work: impl Fn(&P, &mut Workspace) -> R + Sync) -> Vec<R> {
        let one = |piece: &P| {
            // Each thread of the pool has a number of its own, so nobody ever waits here.
            let own = rayon::current_thread_index().and_then(|thread| self.workspaces.get(thread));
            match own {
                // Whatever a workspace holds is cleared before it is used.
                Some(own) => work(piece, &mut own.lock().unwrap_or_else(PoisonError::into_inner)),
                None => work(piece, &mut Workspace::default()),
            }
        };
        pieces.par_iter().map(one).collect()
    }
}
