//! What is asked about values that are to be cloned or transferred.

use crate::node::engine;
use crate::node::js;

calls! {
    fn ordinary as "isOrdinary" (env, object) {
        js::from_bool(env.raw, engine::is_ordinary(env.raw, object))
    }

    fn alike as "isAlike" (env, one, other) {
        js::from_bool(env.raw, engine::is_alike(env.raw, one, other))
    }
}
