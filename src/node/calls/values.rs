//! What is asked about values that are to be cloned or transferred.

use crate::node::engine;
use crate::node::js;

calls! {
    fn sort as "sortOf" (env, object) {
        js::from_int(env.raw, engine::sort_of(object))
    }

    fn learn as "learnSorts" (env, sorts, others) {
        js::from_bool(env.raw, engine::learn(env.raw, sorts, others))
    }

    fn alike as "isAlike" (env, one, other) {
        js::from_bool(env.raw, engine::is_alike(one, other))
    }
}
