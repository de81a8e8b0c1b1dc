//! What all environments of this process share.

use once_cell::sync::Lazy;

use super::parking::Parking;
use crate::hub::Hub;
use crate::sync::Mutex;

pub static HUB: Lazy<Hub> = Lazy::new(Hub::default);

/// The ports that are between two threads.
pub static PARKING: Lazy<Mutex<Parking>> = Lazy::new(Mutex::default);
