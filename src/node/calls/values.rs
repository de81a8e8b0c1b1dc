//! What the codec asks about the values that it clones.

use crate::node::engine::is_ordinary;
use crate::node::js;

calls! {
    fn ordinary as "isOrdinary" (env, object) {
        js::from_bool(env.raw, is_ordinary(env.raw, object))
    }
}
