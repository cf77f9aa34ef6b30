//! How many cases a property tries: its own number in every run, that of PROPTEST_CASES in long ones.
#![allow(missing_docs, unreachable_pub, reason = "part of the tests that name it")]

use proptest::test_runner::Config;

pub fn cases(usual: u32) -> u32 {
    if std::env::var_os("PROPTEST_CASES").is_some() { Config::default().cases } else { usual }
}
