//! What is asked about values that are to be cloned or transferred.

use crate::node::engine;
use crate::node::js;

/// So many objects are told of in one call. lib/clone/limits.js has it, too.
const AT_ONCE: usize = 64;

calls! {
    fn sort as "sortOf" (env, object, whole, any, fractions) {
        js::from_int(env.raw, engine::told_of(object, &[any, whole, fractions], false))
    }

    /// What an object is, as above, and above that a number by which it may be found again, if there is one.
    fn sort_and_hash as "hashedSortOf" (env, object, whole, any, fractions) {
        js::from_int(env.raw, engine::told_of(object, &[any, whole, fractions], true))
    }

    /// Writes into an Int32Array what each of these is, and whether it is like one of the three, as `sort` says it; and above that, if
    /// it is to be, a number by which it may be found again, if there is one.
    fn sorts as "sortsOf" (env, told, hashed, whole, any, fractions; objects: AT_ONCE) {
        let hashed = js::bool(env.raw, hashed);
        // SAFETY: to look at objects runs no JS.
        if let Some(told) = unsafe { js::int_view(env.raw, told) } {
            for (told, &object) in told.iter_mut().zip(objects) {
                *told = engine::told_of(object, &[any, whole, fractions], hashed);
            }
        }
        js::undefined(env.raw)
    }

    /// `sortOf` and `hashedSortOf` as functions that the engine calls with nothing in between, where it does.
    fn direct as "directSorts" (env) {
        match engine::direct_sorts(env.raw) {
            Some(functions) => js::array(env.raw, functions.into_iter().map(Ok)),
            None => js::undefined(env.raw),
        }
    }

    fn learn as "learnSorts" (env, sorts, others, tables) {
        js::from_bool(env.raw, engine::learn(env.raw, sorts, others, tables))
    }

    fn lesson as "lesson" (env) {
        engine::lesson().map_or_else(|| js::undefined(env.raw), |lesson| js::from_str(env.raw, &lesson))
    }

    fn take_lesson as "takeLesson" (env, lesson) {
        js::from_bool(env.raw, js::text(env.raw, lesson).is_some_and(|lesson| engine::take_lesson(&lesson)))
    }

    fn alike as "isAlike" (env, one, other) {
        js::from_bool(env.raw, engine::is_alike(one, other))
    }

    fn is_like as "isLike" (env, one, other) {
        js::from_bool(env.raw, engine::is_like(one, other))
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

    fn copy as "copyOf" (env, object) {
        engine::copy_of(object).map_or_else(|| js::undefined(env.raw), Ok)
    }
}
