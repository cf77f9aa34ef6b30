//! The choice of one level per process, and why it was made.

use std::sync::OnceLock;

use crate::{Kernels, Level, available};

/// The environment variable that forces a level: `scalar`, `avx2`, `avxvnni`, `avx512`, `neon` or `neondot`.
pub const SIMD_VARIABLE: &str = "GENNAKER_SIMD";

/// Which level runs, what was asked for, and why a wish was not granted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Selection {
    /// The level in use.
    pub level: Level,
    /// The value of [`SIMD_VARIABLE`], if it was set and not empty.
    pub requested: Option<String>,
    /// Why `requested` was passed over: the words are unknown, or this CPU or binary lacks the level. `None` when granted or not asked.
    pub refused: Option<String>,
}

/// The kernels of this process: the best level of the CPU, or the one that [`SIMD_VARIABLE`] names if it can run.
///
/// The choice is made at the first call and then stays, whatever happens to the environment.
pub fn kernels() -> &'static Kernels {
    chosen().1
}

/// How the level behind [`kernels`] was chosen, for health reports.
pub fn selection() -> &'static Selection {
    &chosen().0
}

fn chosen() -> &'static (Selection, &'static Kernels) {
    static CHOSEN: OnceLock<(Selection, &'static Kernels)> = OnceLock::new();
    CHOSEN.get_or_init(|| {
        let requested = std::env::var_os(SIMD_VARIABLE).map(|value| value.to_string_lossy().into_owned());
        let selection = choose(requested, &available());
        let kernels = Kernels::at(selection.level).expect("only available levels are chosen");
        (selection, kernels)
    })
}

/// `available` is not empty and its last entry is the best.
fn choose(requested: Option<String>, available: &[Level]) -> Selection {
    let best = available.last().copied().unwrap_or(Level::Scalar);
    let requested = requested.map(|value| value.trim().to_owned()).filter(|value| !value.is_empty());
    let Some(word) = &requested else {
        return Selection { level: best, requested, refused: None };
    };
    let refused = match Level::from_name(word) {
        Some(level) if available.contains(&level) => return Selection { level, requested, refused: None },
        Some(level) => format!("this CPU or binary has no {level}; it has {}", names(available)),
        None => format!("unknown level; known are {}, and this CPU has {}", names(&Level::ALL), names(available)),
    };
    Selection { level: best, requested, refused: Some(refused) }
}

fn names(levels: &[Level]) -> String {
    levels.iter().map(|level| level.name()).collect::<Vec<_>>().join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;

    const X86: [Level; 3] = [Level::Scalar, Level::Avx2, Level::AvxVnni];

    fn ask(word: &str) -> Selection {
        choose(Some(word.to_owned()), &X86)
    }

    #[test]
    fn without_a_wish_the_best_level_runs() {
        for requested in [None, Some(String::new()), Some("  ".to_owned())] {
            assert_eq!(choose(requested, &X86), Selection { level: Level::AvxVnni, requested: None, refused: None });
        }
    }

    #[test]
    fn every_available_level_can_be_forced_by_its_name() {
        for level in X86 {
            for word in [level.name().to_owned(), level.name().to_uppercase(), format!(" {level} ")] {
                let selection = ask(&word);
                assert_eq!((selection.level, &selection.refused), (level, &None), "{word:?}");
                assert_eq!(selection.requested.as_deref(), Some(word.trim()));
            }
        }
    }

    #[test]
    fn a_level_of_another_cpu_falls_back_and_says_so() {
        let selection = ask("neon");
        assert_eq!(selection.level, Level::AvxVnni);
        assert_eq!(selection.refused.as_deref(), Some("this CPU or binary has no neon; it has scalar, avx2, avxvnni"));
    }

    #[test]
    fn an_unknown_word_falls_back_and_lists_the_known_ones() {
        let selection = ask("sse9");
        assert_eq!((selection.level, selection.requested.as_deref()), (Level::AvxVnni, Some("sse9")));
        let refused = selection.refused.expect("refused");
        assert!(refused.contains("scalar, avx2, avxvnni, avx512, neon, neondot"), "{refused}");
    }

    #[test]
    fn names_are_distinct_and_lead_back_to_their_level() {
        for level in Level::ALL {
            assert_eq!(Level::from_name(level.name()), Some(level));
        }
    }

    #[test]
    fn the_process_runs_a_level_that_it_can() {
        assert!(available().contains(&selection().level));
        assert_eq!(kernels().level(), selection().level);
        assert_eq!(available().first(), Some(&Level::Scalar));
    }
}
