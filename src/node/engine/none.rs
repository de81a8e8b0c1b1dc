//! No engine whose memory could be taken along: messages copy it.

use std::any::Any;

use napi::sys;

use crate::message::Foreign;
use crate::node::js::JsResult;

#[derive(Debug)]
pub enum Store {}

pub fn probe(_: sys::napi_env) {}

pub fn can_share() -> bool {
    false
}

impl Store {
    pub fn of_buffer(_: sys::napi_env, _: sys::napi_value) -> Option<Store> {
        None
    }

    pub fn of_shared(_: sys::napi_value) -> Option<Store> {
        None
    }

    pub fn into_value(self, _: sys::napi_env) -> JsResult {
        match self {}
    }

    pub fn is_buffer(&self) -> bool {
        match *self {}
    }
}

impl Foreign for Store {
    fn bytes(&self) -> Option<&[u8]> {
        match *self {}
    }

    fn into_any(self: Box<Self>) -> Box<dyn Any> {
        self
    }
}
