//! The invented county's departments and people: sections, stations, brigades, certificates, leave, experts.

use super::catalogue::{EXPERTS, OFFICES};
use super::lots::Lots;
use super::words::person_name;
use super::{Place, Scale};
use crate::domain::planning::input::{
    Department, Input, Inspector, Leave, PoolKind, Qualification, UnitKind,
};
use chrono::{Days, NaiveDate};

/// Departments and people of every county of the place, into `input`.
pub(super) fn fill(input: &mut Input, seed: u64, scale: &Scale, places: &[Place], days: &[NaiveDate]) {
    let mut staff = Staff { input, days, next: 0 };
    let total: u32 = OFFICES.iter().take(scale.offices).map(|o| o.heads).sum();
    for (order, place) in places.iter().enumerate() {
        for (rank, office) in (1..).zip(OFFICES.iter().take(scale.offices)) {
            let of_city = office.of_city && places.len() > 1;
            if of_city && order > 0 {
                continue;
            }
            let share = scale.inspectors * if of_city { u32::try_from(places.len()).unwrap_or(1) } else { 1 };
            let heads = (office.heads * share).div_ceil(total).max(5);
            let (id, name, division, level) = if of_city {
                let city = place.division[..4].to_owned();
                (format!("{}-{city}", office.key), format!("{}{}", place.city, office.name), city, "市级")
            } else {
                let id = format!("{}-{}", office.key, place.division);
                (id, format!("{}{}", place.county, office.name), place.division.clone(), "县级")
            };
            let mut lots = Lots::new(seed, &["people", &id]);
            let registered = format!("{division:0<6}");
            staff.input.departments.push(Department {
                uscc: super::codes::drawn_credit_code(&mut lots, "11", &registered),
                name,
                level: level.to_owned(),
                division: division.clone(),
                pool: PoolKind::Officers,
                rank,
                id: id.clone(),
            });
            let units = units(&mut lots, office.field, heads, &place.towns);
            staff.officers(&mut lots, &id, &registered, heads, &units, office.quals);
        }
        let id = format!("ZJK-{}", place.division);
        staff.input.departments.push(Department {
            uscc: String::new(),
            name: format!("{}联合检查专家库", place.county),
            level: "县级".to_owned(),
            division: place.division.clone(),
            pool: PoolKind::Experts,
            rank: 90,
            id: id.clone(),
        });
        let mut lots = Lots::new(seed, &["experts", &id]);
        staff.experts(&mut lots, &id, (scale.inspectors / 22).max(4));
    }
}

/// (unit type, unit), one per head: a third in sections, the rest in the field where the department has one.
fn units(lots: &mut Lots, field: u8, heads: u32, towns: &[String]) -> Vec<(&'static str, String)> {
    const SECTIONS: &[&str] = &["综合监管股", "执法监督股", "业务股", "法制审核股"];
    let mut places = Vec::new();
    let sections = (heads / 5).clamp(1, 4);
    for head in 0..heads {
        let in_section = field == 0 || head % 3 == 0;
        if in_section {
            let section = SECTIONS[(head / 3 % sections) as usize];
            places.push(("机关科室", section.to_owned()));
        } else if field == 1 {
            // One station serves two neighbouring towns and is named after the larger.
            let station = lots.place(towns.len()) / 2 * 2;
            places.push(("基层所", format!("{}所", towns[station].trim_end_matches(['镇', '乡']))));
        } else {
            let brigade = if head % 2 == 0 {
                "综合行政执法大队一中队"
            } else {
                "综合行政执法大队二中队"
            };
            places.push(("执法大队", brigade.to_owned()));
        }
    }
    places
}

struct Staff<'a> {
    input: &'a mut Input,
    days: &'a [NaiveDate],
    next: u32,
}

impl Staff<'_> {
    fn person_id(&mut self) -> String {
        self.next += 1;
        format!("RY{:06}", self.next)
    }

    fn officers(
        &mut self,
        lots: &mut Lots,
        dept: &str,
        division: &str,
        heads: u32,
        units: &[(&'static str, String)],
        quals: &[(&'static str, &'static str, u32)],
    ) {
        let mut ids = Vec::new();
        for (unit_type, unit) in units {
            let id = self.person_id();
            let (name, sex) = person_name(lots, 420);
            let cert_no = format!("ZF{division}{:05}", self.next);
            let part_time = lots.chance(90);
            self.certificate(lots, &id, "Q-ZFZ", "行政执法证", cert_no.clone(), 28);
            self.leave(lots, &id);
            self.input.inspectors.push(Inspector {
                name,
                sex: sex.to_owned(),
                dept_id: dept.to_owned(),
                unit_type: (*unit_type).to_owned(),
                unit_kind: match *unit_type {
                    "机关科室" => UnitKind::Section,
                    "基层所" => UnitKind::Station,
                    _ => UnitKind::Brigade,
                },
                unit: unit.clone(),
                post: PoolKind::Officers,
                cert_no,
                daily_minutes: if part_time { 240 } else { 450 },
                can_lead: lots.chance(600),
                load0: lots.below(16) * 30,
                id: id.clone(),
            });
            ids.push(id);
        }
        for (code, name, permille) in quals {
            // Never fewer than three, so that one leave and one recusal do not close an item.
            let holders = (heads * permille / 1000).max(3) as usize;
            for at in lots.sample(ids.len(), holders) {
                let no = format!("{}{:06}", &code[2..], lots.below(1_000_000));
                let id = ids[at].clone();
                self.certificate(lots, &id, code, name, no, 40);
            }
        }
    }

    fn experts(&mut self, lots: &mut Lots, dept: &str, heads: u32) {
        for head in 0..heads {
            let id = self.person_id();
            let (name, sex) = person_name(lots, 250);
            let (code, title) = EXPERTS[head as usize % EXPERTS.len()];
            let no = format!("ZJ{:05}", self.next);
            self.certificate(lots, &id, code, title, no, 0);
            self.input.inspectors.push(Inspector {
                id,
                name,
                sex: sex.to_owned(),
                dept_id: dept.to_owned(),
                unit_type: "外聘".to_owned(),
                unit_kind: UnitKind::Other,
                unit: "专家库".to_owned(),
                post: PoolKind::Experts,
                cert_no: String::new(),
                daily_minutes: 240,
                can_lead: false,
                load0: 0,
            });
        }
    }

    /// A certificate; `expiring` permille of them run out within the period, as in life.
    fn certificate(
        &mut self,
        lots: &mut Lots,
        person: &str,
        qual: &str,
        name: &str,
        no: String,
        expiring: u32,
    ) {
        let (Some(first), Some(last)) = (self.days.first(), self.days.last()) else { return };
        let from = *first - Days::new(u64::from(lots.between(40, 1500)));
        let to = if lots.chance(expiring) {
            *lots.pick(self.days)
        } else {
            *last + Days::new(u64::from(lots.between(60, 1400)))
        };
        self.input.qualifications.push(Qualification {
            person_id: person.to_owned(),
            qual: qual.to_owned(),
            qual_name: name.to_owned(),
            no,
            from,
            to,
        });
    }

    /// Two people in five are away once or twice.
    fn leave(&mut self, lots: &mut Lots, person: &str) {
        const KINDS: &[(&str, u32, u32)] = &[
            ("年休假", 3, 8),
            ("病假", 1, 5),
            ("外出培训", 2, 5),
            ("公务出差", 1, 4),
            ("产假、护理假", 15, 40),
        ];
        let times = lots.weighted(&[60, 28, 12]);
        let mut free_from = 0;
        for _ in 0..times {
            let kind = KINDS[lots.weighted(&[40, 20, 20, 17, 3])];
            let length = lots.between(kind.1, kind.2) as usize;
            let first = free_from + lots.place(self.days.len());
            let last = (first + length - 1).min(self.days.len().saturating_sub(1));
            if first > last {
                return;
            }
            self.input.leave.push(Leave {
                person_id: person.to_owned(),
                from: self.days[first],
                to: self.days[last],
                kind: kind.0.to_owned(),
            });
            free_from = last + 2;
        }
    }
}
