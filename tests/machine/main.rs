//! Ports that do anything in any order, against lists that say what must come out: in order, exactly once, the close
//! after the data, and at the end not one descriptor more than at the beginning.
//!
//! `npm test` plays the same cases every time; `PROPTEST_CASES=5000 cargo test --no-default-features --test machine` looks
//! for others.

#[path = "../common/mod.rs"]
mod common;
mod model;
mod system;

use proptest::prelude::ProptestConfig;
use proptest_state_machine::{prop_state_machine, ReferenceStateMachine, StateMachineTest};

use model::{Model, Transition};
use system::System;

struct Machine;

impl StateMachineTest for Machine {
    type SystemUnderTest = System;
    type Reference = Model;

    fn init_test(model: &Model) -> System {
        System::new(model.clone())
    }

    fn apply(mut system: System, model: &Model, transition: Transition) -> System {
        system.apply(&transition);
        // It has followed the model event by event, so by now it is where the model is.
        assert_eq!(&system.model, model);
        system
    }

    fn teardown(system: System, _: <Self::Reference as ReferenceStateMachine>::State) {
        system.finish();
    }
}

prop_state_machine! {
    #![proptest_config(ProptestConfig { max_shrink_iters: 500, max_local_rejects: u32::MAX, ..ProptestConfig::default() })]
    #[test]
    fn ports_keep_their_promises(sequential 1..100 => Machine);
}
