//! Small conversions between Rust and JavaScript values, on bare Node-API.

use std::ffi::{c_void, CString};
use std::mem;
use std::ptr;
use std::sync::Arc;

use napi::sys;

use super::symbol;

/// A pending JS exception, or a Node-API call that failed because one is.
#[derive(Debug)]
pub struct Thrown;

pub type JsResult = Result<sys::napi_value, Thrown>;

/// A function that JS calls, by its name there. It is made with a pointer to its environment.
pub type Call = (&'static str, unsafe extern "C" fn(sys::napi_env, sys::napi_callback_info) -> sys::napi_value);

/// What a call returns to JS: nothing means `undefined`, or that an exception is pending.
pub fn returned(result: JsResult) -> sys::napi_value {
    result.unwrap_or(ptr::null_mut())
}

pub fn check(status: sys::napi_status) -> Result<(), Thrown> {
    if status == sys::Status::napi_ok {
        Ok(())
    } else {
        Err(Thrown)
    }
}

/// The JS constructor of an error.
pub enum Kind {
    Error,
    RangeError,
    TypeError,
}

/// Throws an error with a stable code.
pub fn throw(env: sys::napi_env, kind: Kind, code: &str, text: &str) -> Thrown {
    let code = CString::new(code).unwrap_or_default();
    let text = CString::new(text).unwrap_or_default();
    let throw = match kind {
        Kind::Error => sys::napi_throw_error,
        Kind::RangeError => sys::napi_throw_range_error,
        Kind::TypeError => sys::napi_throw_type_error,
    };
    // SAFETY: `env` is live and both strings outlive the call.
    unsafe { throw(env, code.as_ptr(), text.as_ptr()) };
    Thrown
}

/// The text in `value`, if it is one.
pub fn text(env: sys::napi_env, value: sys::napi_value) -> Option<String> {
    let mut length = 0;
    // SAFETY: without a buffer this asks for the length only; fails for what is no string.
    check(unsafe { sys::napi_get_value_string_utf8(env, value, ptr::null_mut(), 0, &mut length) }).ok()?;
    let mut bytes = vec![0u8; length + 1];
    let (data, room) = (bytes.as_mut_ptr().cast(), bytes.len());
    // SAFETY: there is room for the text and for the zero behind it.
    check(unsafe { sys::napi_get_value_string_utf8(env, value, data, room, &mut length) }).ok()?;
    bytes.truncate(length);
    String::from_utf8(bytes).ok()
}

/// The integer in `value`; 0, which is no key and no length of anything, for whatever is not a number.
pub fn int(env: sys::napi_env, value: sys::napi_value) -> i32 {
    let mut result = 0;
    // SAFETY: `value` is a live value of `env`; on failure `result` keeps its 0.
    unsafe { sys::napi_get_value_int32(env, value, &mut result) };
    result
}

/// An unsigned integer argument: a key, a length, an id.
pub fn uint(env: sys::napi_env, value: sys::napi_value) -> u32 {
    int(env, value).try_into().unwrap_or(0)
}

/// The number in `value`; not a number for whatever is none.
pub fn number(env: sys::napi_env, value: sys::napi_value) -> f64 {
    let mut result = f64::NAN;
    // SAFETY: as above.
    unsafe { sys::napi_get_value_double(env, value, &mut result) };
    result
}

pub fn bool(env: sys::napi_env, value: sys::napi_value) -> bool {
    let mut result = false;
    // SAFETY: as above.
    unsafe { sys::napi_get_value_bool(env, value, &mut result) };
    result
}

pub fn from_int(env: sys::napi_env, value: i32) -> JsResult {
    let mut result = ptr::null_mut();
    // SAFETY: `env` is live.
    check(unsafe { sys::napi_create_int32(env, value, &mut result) })?;
    Ok(result)
}

pub fn from_number(env: sys::napi_env, value: f64) -> JsResult {
    let mut result = ptr::null_mut();
    // SAFETY: `env` is live.
    check(unsafe { sys::napi_create_double(env, value, &mut result) })?;
    Ok(result)
}

pub fn from_bool(env: sys::napi_env, value: bool) -> JsResult {
    let mut result = ptr::null_mut();
    // SAFETY: `env` is live.
    check(unsafe { sys::napi_get_boolean(env, value, &mut result) })?;
    Ok(result)
}

pub fn from_str(env: sys::napi_env, value: &str) -> JsResult {
    let mut result = ptr::null_mut();
    // SAFETY: the string outlives the call; its length is given.
    check(unsafe { sys::napi_create_string_utf8(env, value.as_ptr().cast(), value.len() as isize, &mut result) })?;
    Ok(result)
}

/// A string of these characters, of which each has a byte.
pub fn from_latin1(env: sys::napi_env, text: &[u8]) -> JsResult {
    let mut result = ptr::null_mut();
    // SAFETY: so many characters are there; the engine copies them.
    check(unsafe { sys::napi_create_string_latin1(env, text.as_ptr().cast(), text.len() as isize, &mut result) })?;
    Ok(result)
}

pub fn null(env: sys::napi_env) -> JsResult {
    let mut result = ptr::null_mut();
    // SAFETY: `env` is live.
    check(unsafe { sys::napi_get_null(env, &mut result) })?;
    Ok(result)
}

pub fn undefined(env: sys::napi_env) -> JsResult {
    let mut result = ptr::null_mut();
    // SAFETY: `env` is live.
    check(unsafe { sys::napi_get_undefined(env, &mut result) })?;
    Ok(result)
}

/// A value that wraps nothing.
#[cfg(all(target_os = "linux", target_arch = "x86_64"))] // as `engine`, which alone needs it
pub fn external(env: sys::napi_env) -> JsResult {
    let mut result = ptr::null_mut();
    // SAFETY: `env` is live; there is nothing to finalize.
    check(unsafe { sys::napi_create_external(env, ptr::null_mut(), None, ptr::null_mut(), &mut result) })?;
    Ok(result)
}

pub fn array(env: sys::napi_env, values: impl ExactSizeIterator<Item = JsResult>) -> JsResult {
    let mut result = ptr::null_mut();
    // SAFETY: `env` is live.
    check(unsafe { sys::napi_create_array_with_length(env, values.len(), &mut result) })?;
    for (index, value) in values.enumerate() {
        // SAFETY: `result` is the array made above.
        check(unsafe { sys::napi_set_element(env, result, index as u32, value?) })?;
    }
    Ok(result)
}

/// An object with these values, and with these functions, which are called with `data`.
pub fn object(
    env: sys::napi_env,
    data: *mut c_void,
    calls: impl Iterator<Item = &'static Call>,
    values: &[(&str, sys::napi_value)],
) -> JsResult {
    let mut object = ptr::null_mut();
    // SAFETY: `env` is live.
    check(unsafe { sys::napi_create_object(env, &mut object) })?;
    let set = |name: &str, value: sys::napi_value| {
        let name = CString::new(name).unwrap_or_default();
        // SAFETY: `object` was made above, `name` outlives the call.
        check(unsafe { sys::napi_set_named_property(env, object, name.as_ptr(), value) })
    };
    for &(name, value) in values {
        set(name, value)?;
    }
    for &(name, function) in calls {
        let (mut value, length) = (ptr::null_mut(), name.len() as isize);
        // SAFETY: `data` is what these functions take, and outlives every call from JS.
        check(unsafe {
            sys::napi_create_function(env, name.as_ptr().cast(), length, Some(function), data, &mut value)
        })?;
        set(name, value)?;
    }
    Ok(object)
}

/// The elements of a JS array. Fails when the environment is being torn down: whoever reads nothing then must not go on
/// as if there were nothing.
pub fn elements(env: sys::napi_env, array: sys::napi_value) -> Result<Vec<sys::napi_value>, Thrown> {
    let mut length = 0;
    // SAFETY: fails for what is not an array.
    check(unsafe { sys::napi_get_array_length(env, array, &mut length) })?;
    (0..length)
        .map(|index| {
            let mut element = ptr::null_mut();
            // SAFETY: `array` is an array of at least `length` elements.
            check(unsafe { sys::napi_get_element(env, array, index, &mut element) })?;
            Ok(element)
        })
        .collect()
}

/// The memory of an ArrayBuffer: valid until JS runs again.
pub fn array_buffer(env: sys::napi_env, value: sys::napi_value) -> Option<(*mut u8, usize)> {
    let (mut data, mut length) = (ptr::null_mut::<c_void>(), 0);
    // SAFETY: fails for anything but an ArrayBuffer.
    check(unsafe { sys::napi_get_arraybuffer_info(env, value, &mut data, &mut length) }).ok()?;
    Some((data.cast(), length))
}

/// The memory that a Uint8Array shows: valid until JS runs again.
pub fn byte_view(env: sys::napi_env, value: sys::napi_value) -> Option<(*const u8, usize)> {
    let (_, data, length) = typed_array(env, value)?;
    Some((data.cast_const().cast(), length))
}

/// What an Int32Array shows.
///
/// # Safety
/// No JS runs while the slice is used, and there is no other of the same memory.
pub unsafe fn int_view<'a>(env: sys::napi_env, value: sys::napi_value) -> Option<&'a mut [i32]> {
    let (kind, data, length) = typed_array(env, value)?;
    // SAFETY: so many integers are there, lie where integers may, and are this slice's alone, as the caller says.
    (kind == sys::TypedarrayType::int32_array && !data.is_null())
        .then(|| unsafe { std::slice::from_raw_parts_mut(data.cast(), length) })
}

/// The type of a typed array, where it begins and how many elements it has.
fn typed_array(env: sys::napi_env, value: sys::napi_value) -> Option<(sys::napi_typedarray_type, *mut c_void, usize)> {
    let (mut kind, mut length, mut data) = (0, 0, ptr::null_mut());
    // SAFETY: fails for anything but a typed array; the out-parameters that are not wanted may be null.
    check(unsafe {
        sys::napi_get_typedarray_info(env, value, &mut kind, &mut length, &mut data, ptr::null_mut(), ptr::null_mut())
    })
    .ok()?;
    Some((kind, data, length))
}

/// The memory of a buffer of whatever kind, as far as this version of Node-API tells of its kind.
pub fn address(env: sys::napi_env, value: sys::napi_value) -> Option<*const u8> {
    array_buffer(env, value).map(|(data, _)| data.cast_const())
}

/// A SharedArrayBuffer over this memory, which `owner` keeps until nobody has it any more. `None`: this Node-API makes none.
pub fn shared_buffer<T: Send + Sync>(
    env: sys::napi_env,
    owner: &Arc<T>,
    data: *mut u8,
    length: usize,
) -> Option<sys::napi_value> {
    type Finalize = unsafe extern "C" fn(*mut c_void, *mut c_void);
    type Create = unsafe extern "C" fn(
        sys::napi_env,
        *mut c_void,
        usize,
        Finalize,
        *mut c_void,
        *mut sys::napi_value,
    ) -> sys::napi_status;
    /// On whatever thread.
    unsafe extern "C" fn give_back<T>(_: *mut c_void, owner: *mut c_void) {
        // SAFETY: it came from `Arc::into_raw` below, and the engine calls this once.
        drop(unsafe { Arc::from_raw(owner.cast_const().cast::<T>()) });
    }
    let create = symbol::find(c"node_api_create_external_sharedarraybuffer")?;
    // SAFETY: this is its signature in the headers of Node.js, where it is an experiment still.
    let create = unsafe { mem::transmute::<*mut c_void, Create>(create) };
    let hint = Arc::into_raw(owner.clone()).cast_mut().cast();
    let mut result = ptr::null_mut();
    // SAFETY: the memory is there until the finalizer has dropped the owner.
    let status = unsafe { create(env, data.cast(), length, give_back::<T>, hint, &mut result) };
    if check(status).is_err() {
        // SAFETY: nobody else has it: it is dropped here and not by the finalizer.
        unsafe { give_back::<T>(ptr::null_mut(), hint) };
        clear_exception(env);
        return None;
    }
    Some(result)
}

/// What a JS buffer holds.
///
/// # Safety
/// Both have come from Node-API, and no JS runs while the slice is used.
pub unsafe fn bytes<'a>(data: *const u8, length: usize) -> &'a [u8] {
    if length == 0 {
        return &[];
    }
    // SAFETY: as above; only what is empty may have no address.
    unsafe { std::slice::from_raw_parts(data, length) }
}

/// What a script evaluates to. For the addon's own, constant texts.
#[cfg(all(target_os = "linux", target_arch = "x86_64"))] // as `engine`, which alone needs it
pub fn run(env: sys::napi_env, script: &str) -> JsResult {
    let text = from_str(env, script)?;
    let mut result = ptr::null_mut();
    // SAFETY: `text` is a string.
    check(unsafe { sys::napi_run_script(env, text, &mut result) })?;
    Ok(result)
}

/// Calls a function of nothing, which may throw.
pub fn call(env: sys::napi_env, function: sys::napi_value, arguments: &[sys::napi_value]) -> JsResult {
    let (receiver, mut result) = (undefined(env)?, ptr::null_mut());
    // SAFETY: whatever `function` is, it and the arguments are live values of this environment.
    check(unsafe {
        sys::napi_call_function(env, receiver, function, arguments.len(), arguments.as_ptr(), &mut result)
    })?;
    Ok(result)
}

/// Values that live no longer than this.
pub struct Handles(sys::napi_env, sys::napi_handle_scope);

impl Handles {
    pub fn open(env: sys::napi_env) -> Result<Handles, Thrown> {
        let mut scope = ptr::null_mut();
        // SAFETY: `env` is live.
        check(unsafe { sys::napi_open_handle_scope(env, &mut scope) })?;
        Ok(Handles(env, scope))
    }
}

impl Drop for Handles {
    fn drop(&mut self) {
        // SAFETY: it was opened last of those that are open: they end in turn.
        unsafe { sys::napi_close_handle_scope(self.0, self.1) };
    }
}

/// Forgets an exception that is pending, if one is.
pub fn clear_exception(env: sys::napi_env) {
    let (mut pending, mut exception) = (false, ptr::null_mut());
    // SAFETY: `env` is live.
    unsafe {
        if sys::napi_is_exception_pending(env, &mut pending) == sys::Status::napi_ok && pending {
            sys::napi_get_and_clear_last_exception(env, &mut exception);
        }
    }
}
