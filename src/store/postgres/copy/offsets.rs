//! Civil times and instants of a zone, fast: the offset is looked up once per stretch between two clock changes.
//!
//! The rules are those of the other stores: a civil time that a clock change skips or repeats has the offset from before the change (RFC
//! 5545, jiff's "compatible"), and near the end of the calendar, where jiff's instants end, the last offset it knows stands in.

use jiff::Timestamp;
use jiff::tz::{Offset, TimeZone};

const MICROSECONDS: i64 = 1_000_000;
/// The largest offset of a zone from UTC, as jiff allows it, rounded up to a day and two hours.
const LARGEST_OFFSET: i64 = 26 * 3_600 * MICROSECONDS;

/// A stretch of times with one offset; all in microseconds since 1970-01-01.
#[derive(Debug, Clone, Copy)]
struct Stretch {
    from: i64,
    until: i64,
    offset: i64,
}

impl Stretch {
    #[inline]
    fn holds(&self, time: i64) -> bool {
        self.from <= time && time < self.until
    }
}

/// Stretches found so far, ascending and apart.
#[derive(Debug, Default)]
struct Stretches {
    found: Vec<Stretch>,
    latest: usize,
}

impl Stretches {
    #[inline]
    fn offset(&mut self, time: i64) -> Option<i64> {
        if let Some(stretch) = self.found.get(self.latest).filter(|stretch| stretch.holds(time)) {
            return Some(stretch.offset);
        }
        self.latest = self.found.partition_point(|stretch| stretch.until <= time);
        self.found.get(self.latest).filter(|stretch| stretch.holds(time)).map(|stretch| stretch.offset)
    }

    fn insert(&mut self, stretch: Stretch) {
        self.latest = self.found.partition_point(|known| known.until <= stretch.from);
        self.found.insert(self.latest, stretch);
    }
}

/// A zone and what is known of it so far.
#[derive(Debug)]
pub(super) struct Offsets {
    /// `None` for UTC.
    zone: Option<TimeZone>,
    civil: Stretches,
    instants: Stretches,
}

impl Offsets {
    pub(super) fn new(zone: TimeZone) -> Self {
        Self { zone: (zone != TimeZone::UTC).then_some(zone), civil: Stretches::default(), instants: Stretches::default() }
    }

    /// The instant of a civil time, which is given in microseconds since 1970-01-01 as if it were UTC.
    #[inline]
    pub(super) fn instant(&mut self, civil: i64) -> i64 {
        let Some(zone) = &self.zone else {
            return civil;
        };
        if let Some(offset) = self.civil.offset(civil) {
            return civil.saturating_sub(offset);
        }
        let (instant, around) = instant_of(zone, civil);
        // A day and two hours away from both changes, no other offset of the zone could make the same civil time.
        let inner = around.map(|stretch| Stretch {
            from: if stretch.from == i64::MIN { i64::MIN } else { stretch.from + LARGEST_OFFSET },
            until: if stretch.until == i64::MAX { i64::MAX } else { stretch.until - LARGEST_OFFSET },
            offset: stretch.offset,
        });
        if let Some(inner) = inner.filter(|inner| inner.holds(civil)) {
            self.civil.insert(inner);
        }
        instant
    }

    /// The civil time of an instant, in microseconds since 1970-01-01 as if it were UTC. The repeated hour of a clock change reads back as
    /// its first occurrence.
    pub(super) fn civil(&mut self, instant: i64) -> i64 {
        let Some(zone) = &self.zone else {
            return instant;
        };
        if let Some(offset) = self.instants.offset(instant) {
            return instant.saturating_add(offset);
        }
        let offset = match stretch_at(zone, instant.div_euclid(MICROSECONDS)) {
            Some(stretch) if stretch.holds(instant) => {
                self.instants.insert(stretch);
                stretch.offset
            }
            _ => offset_at(zone, instant),
        };
        instant.saturating_add(offset)
    }
}

/// The instant of a civil time, and the stretch of instants that it is in where that is known.
#[cold]
fn instant_of(zone: &TimeZone, civil: i64) -> (i64, Option<Stretch>) {
    let (seconds, fraction) = (civil.div_euclid(MICROSECONDS), civil.rem_euclid(MICROSECONDS));
    let read = Timestamp::from_second(seconds).ok().and_then(|unzoned| {
        let civil = Offset::UTC.to_datetime(unzoned);
        zone.to_ambiguous_timestamp(civil).compatible().ok()
    });
    match read {
        Some(instant) => (instant.as_second() * MICROSECONDS + fraction, stretch_at(zone, instant.as_second())),
        // Within a day of the end of jiff's range, where no zone changes its clock.
        None => (civil - offset_at(zone, civil.saturating_add(civil.signum() * LARGEST_OFFSET)), None),
    }
}

/// The stretch of instants around one, given in seconds.
#[cold]
fn stretch_at(zone: &TimeZone, seconds: i64) -> Option<Stretch> {
    let instant = Timestamp::from_second(seconds).ok()?;
    // The changes before the next second: one at this very second begins the stretch.
    let after = Timestamp::from_second(seconds.checked_add(1)?).ok()?;
    let microseconds = |change: jiff::tz::TimeZoneTransition<'_>| change.timestamp().as_second() * MICROSECONDS;
    Some(Stretch {
        from: zone.preceding(after).next().map_or(i64::MIN, microseconds),
        until: zone.following(instant).next().map_or(i64::MAX, microseconds),
        offset: i64::from(zone.to_offset(instant).seconds()) * MICROSECONDS,
    })
}

/// The zone's offset at an instant. jiff's timestamps end a day before 9999-12-31, so that the last offset it knows stands in beyond.
fn offset_at(zone: &TimeZone, instant: i64) -> i64 {
    let edge = if instant > 0 { Timestamp::MAX } else { Timestamp::MIN };
    i64::from(zone.to_offset(Timestamp::from_microsecond(instant).unwrap_or(edge)).seconds()) * MICROSECONDS
}
