//! Who enters and who confirms the results of a department at a visit (A岗, B岗).
//!
//! "抽取顺序在前的为 A 岗,负责组织检查和录入;其后的为 B 岗,负责复核" (practice report of Meilie). A visit of several departments
//! has one A post; every other department needs an entering and a confirming officer of its own all the same, because
//! each answers for its own items alone (谁检查、谁录入、谁公开).

use super::planning_state::Post;
use crate::ids::Id;

/// Somebody on the team of a visit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Member {
    /// Entry in the inspector directory.
    pub inspector: Id,
    /// Department he comes for.
    pub department: Id,
    /// His post.
    pub post: Post,
}

/// Who does what for one department.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Desk {
    /// Department.
    pub department: Id,
    /// Who enters.
    pub enters: Id,
    /// Who may confirm: every other officer of the department on the team, in the order of the team.
    pub confirms: Vec<Id>,
}

/// The desk of a department. `team` is in the order of the draw: A post, B post, the others. Experts accompany and do
/// neither. None where the department sent no officer.
#[must_use]
pub fn desk(team: &[Member], department: Id) -> Option<Desk> {
    let own = || team.iter().filter(|m| m.department == department && m.post != Post::Expert);
    let first = own().min_by_key(|m| m.post)?;
    let others = own().filter(|m| m.inspector != first.inspector).map(|m| m.inspector).collect();
    Some(Desk { department, enters: first.inspector, confirms: others })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn id(n: u128) -> Id {
        Id(uuid::Uuid::from_u128(n))
    }

    fn member(n: u128, department: u128, post: Post) -> Member {
        Member { inspector: id(n), department: id(department), post }
    }

    #[test]
    fn each_department_has_one_who_enters_and_another_who_confirms() {
        let team = [
            member(1, 100, Post::Lead),
            member(2, 200, Post::Second),
            member(3, 200, Post::Member),
            member(4, 100, Post::Member),
            member(5, 300, Post::Expert),
        ];
        let market = desk(&team, id(100)).unwrap();
        assert_eq!((market.enters, market.confirms), (id(1), vec![id(4)]));
        let fire = desk(&team, id(200)).unwrap();
        assert_eq!((fire.enters, fire.confirms), (id(2), vec![id(3)]));
        assert_eq!(desk(&team, id(300)), None);
    }

    proptest! {
        #[test]
        fn nobody_confirms_what_he_entered(posts in proptest::collection::vec((0_u128..3, 0_usize..4), 1..9)) {
            let team: Vec<Member> = posts
                .iter()
                .zip(1..)
                .map(|((department, post), n)| member(n, *department, Post::ALL[*post]))
                .collect();
            for department in 0..3 {
                let officers =
                    team.iter().filter(|m| m.department == id(department) && m.post != Post::Expert).count();
                match desk(&team, id(department)) {
                    None => prop_assert_eq!(officers, 0),
                    Some(desk) => {
                        prop_assert!(!desk.confirms.contains(&desk.enters));
                        prop_assert_eq!(desk.confirms.len() + 1, officers);
                        let lead = team.iter().find(|m| m.post == Post::Lead && m.department == id(department));
                        if let Some(lead) = lead {
                            prop_assert_eq!(desk.enters, lead.inspector);
                        }
                    }
                }
            }
        }
    }
}
