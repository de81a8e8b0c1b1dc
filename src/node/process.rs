//! What all environments of this process share.

use once_cell::sync::Lazy;

use super::parking::Parking;
use crate::hub::Hub;
use crate::look::{self, Roster};
use crate::sync::{lock, Arc, Mutex};

pub static HUB: Lazy<Hub> = Lazy::new(Hub::default);

/// The ports that are between two threads.
pub static PARKING: Lazy<Mutex<Parking>> = Lazy::new(Mutex::default);

/// The rosters of the environments that live.
static ROSTERS: Lazy<Mutex<Vec<Arc<Roster>>>> = Lazy::new(Mutex::default);

/// The environment strikes its roster off when it ends.
pub fn enrol(roster: &Arc<Roster>) {
    lock(&ROSTERS).push(roster.clone());
}

pub fn strike_off(roster: &Arc<Roster>) {
    roster.clear();
    lock(&ROSTERS).retain(|other| !Arc::ptr_eq(other, roster));
}

/// Every port of the process, as JSON.
pub fn report() -> String {
    let rosters = lock(&ROSTERS).clone();
    let parked = lock(&PARKING).handles();
    look::report(&rosters, parked)
}
