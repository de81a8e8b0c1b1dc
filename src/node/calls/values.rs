//! What is asked about values that are to be cloned or transferred.

use crate::node::engine;
use crate::node::js;

calls! {
    fn sort as "sortOf" (env, object, whole, any, fractions) {
        js::from_int(env.raw, engine::sort_among(object, &[any, whole, fractions]))
    }

    fn learn as "learnSorts" (env, sorts, others) {
        js::from_bool(env.raw, engine::learn(env.raw, sorts, others))
    }

    fn alike as "isAlike" (env, one, other) {
        js::from_bool(env.raw, engine::is_alike(one, other))
    }

    fn is_narrow as "isNarrow" (env, text) {
        engine::is_narrow(env.raw, text).map_or_else(|| js::undefined(env.raw), |narrow| js::from_bool(env.raw, narrow))
    }

    fn stack_address as "stackAddress" (env) {
        let here = 0u8;
        js::from_number(env.raw, std::hint::black_box(&raw const here).addr() as f64)
    }

    fn entries as "entriesOf" (env, collection) {
        engine::entries_of(collection).map_or_else(|| js::undefined(env.raw), Ok)
    }

    fn copy_error as "copyError" (env, error) {
        engine::copy_of_error(error).map_or_else(|| js::undefined(env.raw), Ok)
    }
}
