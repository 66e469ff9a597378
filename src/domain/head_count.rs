//! How many people enter a business at a time: “严控入企检查人员数量” (13 measures, 2025; once 30 inspectors came to a hotel of
//! 20 rooms). The figures are defaults of this program: a word of warning above two for each department, twelve at most.

use super::scope::Warning;

/// What is said of a number of people.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// As usual.
    Fine,
    /// More than `each` of every department; nobody is kept back.
    Many,
    /// More than the ceiling: not to be sent.
    TooMany,
}

/// Judges the people of a visit of so many departments. `each` is the usual number of a department, `ceiling` the most of a
/// visit.
#[must_use]
pub const fn judge(people: usize, departments: usize, each: u32, ceiling: u32) -> Verdict {
    if people > ceiling as usize {
        Verdict::TooMany
    } else if people > departments.saturating_mul(each as usize) {
        Verdict::Many
    } else {
        Verdict::Fine
    }
}

/// The same as something to look at before anybody is drawn.
#[must_use]
pub fn warning(people: usize, departments: usize, each: u32, ceiling: u32) -> Option<Warning> {
    let text = match judge(people, departments, each, ceiling) {
        Verdict::Fine => return None,
        Verdict::Many => {
            return Some(Warning {
                code: "many_people",
                text: format!("{departments}个部门共派{people}人,多于每部门{each}人;请严控入企检查人员数量"),
            });
        }
        Verdict::TooMany => {
            format!(
                "{departments}个部门共派{people}人,超过一次入企{ceiling}人的上限,排期时将分成几次入企;请减少各部门人员"
            )
        }
    };
    Some(Warning { code: "too_many_people", text })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn two_of_each_department_are_usual_and_twelve_the_most() {
        assert_eq!(judge(4, 2, 2, 12), Verdict::Fine);
        assert_eq!(judge(5, 2, 2, 12), Verdict::Many);
        assert_eq!(judge(12, 6, 2, 12), Verdict::Fine);
        assert_eq!(judge(13, 7, 2, 12), Verdict::TooMany);
        assert!(warning(4, 2, 2, 12).is_none());
        assert_eq!(warning(5, 2, 2, 12).map(|w| w.code), Some("many_people"));
        assert_eq!(warning(30, 5, 2, 12).map(|w| w.code), Some("too_many_people"));
    }

    proptest! {
        #[test]
        fn fewer_people_are_never_worse(people in 0_usize..60, departments in 0_usize..12, each in 0_u32..6, most in 0_u32..40) {
            let rank = |v| match v { Verdict::Fine => 0, Verdict::Many => 1, Verdict::TooMany => 2 };
            let now = rank(judge(people + 1, departments, each, most));
            prop_assert!(rank(judge(people, departments, each, most)) <= now);
            prop_assert_eq!(now == 2, people + 1 > most as usize);
        }
    }
}
