//! Why a store can not be opened.

use super::words::{PASSWORD, Words, explain};
use super::{Cause, Failure, Place};
use crate::store::StoreError;
use crate::store::postgres::settings::{Settings, Target};

/// A failure while connecting to a target, as an error of the store.
pub(in crate::store::postgres) fn opening(failure: &Failure, settings: &Settings, target: &Target) -> StoreError {
    let Words { reason, hint } = explain(failure, Some(&Place { store: settings.name(), role: settings.user(), access: None }));
    let mut hint = hint.unwrap_or_else(|| "look into the server's log".into());
    let about_password = failure.sqlstate() == Some("28P01") || failure.cause == Cause::NoPassword;
    if about_password && let Some(ignored) = settings.ignored_password_file() {
        hint = format!("{ignored}; {PASSWORD}");
    } else if failure.sqlstate() == Some("28P01") {
        hint = format!("{}; {PASSWORD}", target.password_source());
    }
    StoreError::Open { store: settings.name().into(), reason: format!("{}{reason}", settings.at(target)), hint }
}
