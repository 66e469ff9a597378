//! Changes that would let an unstaffed visit be staffed, each enough by itself.

use super::super::super::planning::input::{Season, TeamMode};
use super::super::modes::Barred;
use super::{Diary, Lack, Look, Obstacle, Remedy, Status, small, valid};
use std::collections::BTreeSet;

impl<D: Diary> Look<'_, D> {
    /// Changes that are each enough: against what is missing even without other visits when `status` is
    /// impossible, else against what is missing beside them.
    pub(super) fn remedies(&self, status: Status, barred: &[Barred]) -> Vec<Remedy> {
        let grid = self.county.grid;
        let mut remedies = Vec::new();
        if self.visit.lacks_expert_pool {
            remedies.push(Remedy::ExpertPool { quals: self.expert_quals() });
        }
        if self.starts().next().is_none() {
            let half = grid.am.max(grid.pm) * grid.slot_minutes;
            remedies
                .push(Remedy::Shorten { to: half.saturating_sub(self.county.input.rules.travel_minutes) });
        }
        if !remedies.is_empty() || matches!(status, Status::Free { .. }) {
            return remedies;
        }
        let starts: Vec<Option<u32>> =
            if status == Status::Impossible { vec![None] } else { self.starts().map(Some).collect() };
        // Every (day, start) with who is missing; the fewest people first.
        let mut gaps: Vec<(u32, usize, Option<u32>, Vec<Lack>)> = Vec::new();
        for day in self.visit.days.iter() {
            for start in &starts {
                let lacks = self.lacks(day, *start);
                gaps.push((lacks.iter().map(|l| l.heads).sum(), day, *start, lacks));
            }
        }
        gaps.sort_by_key(|(heads, day, start, _)| (*heads, *day, *start));
        let mut ranked: Vec<(u32, Remedy)> = self.extension(&starts).into_iter().collect();
        let mut kinds = BTreeSet::new();
        for (_, day, start, lacks) in gaps.iter().filter(|(heads, ..)| *heads == 1) {
            for (kind, rank, remedy) in lacks.iter().flat_map(|l| self.one_person(l, *day, *start)) {
                if kinds.insert(kind) {
                    ranked.push((rank, remedy));
                }
            }
        }
        // Where enough people come and only the mode keeps them apart, no number of people is missing.
        ranked.extend(self.other_mode(barred, &starts).map(|remedy| (5, remedy)));
        if let Some((heads, day, _, lacks)) = gaps.into_iter().find(|(heads, ..)| *heads > 0) {
            ranked.push((30 * heads, Remedy::AddPeople { day: small(day), lacks }));
        }
        ranked.sort_by_key(|(rank, _)| *rank);
        ranked.into_iter().map(|(_, remedy)| remedy).collect()
    }

    /// Another mode with which the pools that their mode keeps away could send a team.
    fn other_mode(&self, barred: &[Barred], starts: &[Option<u32>]) -> Option<Remedy> {
        const MODES: [TeamMode; 5] = [
            TeamMode::SectionStation,
            TeamMode::StationBrigade,
            TeamMode::StationStation,
            TeamMode::SameStation,
            TeamMode::Bureau,
        ];
        let not = barred.first()?.mode;
        let meets = |m: &TeamMode| {
            self.visit.days.iter().any(|d| starts.iter().any(|s| self.team_comes(d, *s, Some(*m))))
        };
        let mode = MODES.into_iter().filter(|m| *m != not).find(meets)?;
        Some(Remedy::OtherMode { pools: barred.iter().map(|b| b.pool).collect(), not, mode })
    }

    fn expert_quals(&self) -> Vec<u16> {
        let of = |t: &u32| self.county.items[self.county.tasks[*t as usize].item as usize].expert;
        let quals: BTreeSet<u16> = self.visit.tasks.iter().filter_map(of).collect();
        quals.into_iter().collect()
    }

    /// People of the pool whose single obstacle, if removed, fills the one missing seat.
    fn one_person(&self, lack: &Lack, day: usize, start: Option<u32>) -> Vec<(Obstacle, u32, Remedy)> {
        let mut found = Vec::new();
        let pool = &self.county.pool[lack.pool as usize];
        let size =
            self.visit.requirements.iter().find(|n| n.pool == lack.pool).map_or(0, |n| n.size as usize);
        let heads_short = pool.iter().filter(|p| self.can_come(**p, day, start)).count() < size;
        for &person in pool {
            let row = &self.county.people[person as usize];
            let recused = self.county.recused.contains(&(person, self.visit.subject));
            let on_leave = row.leave.contains(day);
            let certified = row.available.contains(day) || self.certified(person, day);
            let missing: Vec<u16> = lack
                .quals
                .iter()
                .copied()
                .filter(|q| !valid(self.county, person, *q).contains(day))
                .collect();
            let short = row.daily_minutes < self.occupation;
            let taken = start.is_some_and(|s| !self.free(person, day, Some(s)));
            let obstacles = u32::from(recused)
                + u32::from(on_leave)
                + u32::from(!certified)
                + u32::try_from(missing.len()).unwrap_or(u32::MAX)
                + u32::from(short);
            // A certificate for somebody who comes anyway fills no second seat.
            if heads_short && !missing.is_empty() {
                continue;
            }
            // Somebody who is short of minutes counts as taken too; only real visits matter then.
            if obstacles != 1 || (taken && !short) {
                continue;
            }
            let day = small(day);
            found.push(if recused {
                (Obstacle::Recused, 100, Remedy::LiftRecusal { person, day })
            } else if on_leave {
                (Obstacle::OnLeave, 10, Remedy::CancelLeave { person, day })
            } else if !certified {
                (Obstacle::BaseCertificate, 15, Remedy::Certify { person, qual: None, day })
            } else if let Some(qual) = missing.first() {
                (Obstacle::Certificate, 25, Remedy::Certify { person, qual: Some(*qual), day })
            } else {
                (Obstacle::DailyMinutes, 20, Remedy::LongerDay { person, day, minutes: self.occupation })
            });
        }
        found
    }

    /// The nearest day outside the windows on which a team can come; a season is never changed.
    fn extension(&self, starts: &[Option<u32>]) -> Option<(u32, Remedy)> {
        let county = self.county;
        let outside = |day: &usize| !self.visit.days.contains(*day) && !county.quiet.contains(*day);
        let in_season = |day: &usize| {
            let seasons = self.visit.tasks.iter().map(|t| county.tasks[*t as usize].item as usize);
            seasons
                .filter_map(|i| county.input.items[i].season)
                .all(|s: Season| s.contains(county.days[*day]))
        };
        let change = |day: usize| {
            let date = county.days[day];
            let (mut tasks, mut by) = (Vec::new(), 0);
            for &t in &self.visit.tasks {
                let row = &county.input.tasks[t as usize];
                let beyond = (row.earliest - date).num_days().max((date - row.latest).num_days());
                if beyond > 0 {
                    tasks.push(t);
                    by = by.max(u32::try_from(beyond).unwrap_or(u32::MAX));
                }
            }
            (by, tasks)
        };
        let mut days: Vec<(u32, usize, Vec<u32>)> = (0..county.days.len())
            .filter(outside)
            .filter(in_season)
            .map(|day| {
                let (by, tasks) = change(day);
                (by, day, tasks)
            })
            .collect();
        days.sort_unstable_by_key(|(by, day, tasks)| (*by, tasks.len(), *day));
        let (by, day, tasks) =
            days.into_iter().find(|(_, day, _)| starts.iter().any(|s| self.team_comes(*day, *s, None)))?;
        Some((by.min(1_000), Remedy::Extend { day: small(day), tasks, by }))
    }
}
