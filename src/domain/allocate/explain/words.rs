//! Explanations of unstaffed visits in Chinese sentences for officials.

use super::super::super::planning::Instance;
use super::super::super::planning::input::TeamMode;
use super::{Counts, Explanation, Lack, Remedy, Seat, Status};

/// How certain it is, and why, in one sentence.
#[must_use]
pub fn status(county: &Instance, why: &Explanation) -> String {
    match why.status {
        Status::Impossible if why.lacks_expert_pool => {
            "不可能:需要专家,但检查对象所在区划没有专家库".to_owned()
        }
        Status::Impossible if why.slots.0 > why.slots.1 => {
            format!("不可能:连同路途需{}个时间格,而半天最多{}格", why.slots.0, why.slots.1)
        }
        Status::Impossible => {
            let reasons = [blockers(county, why), modes(county, why)];
            let told: Vec<&str> = reasons.iter().map(String::as_str).filter(|r| !r.is_empty()).collect();
            format!("不可能:即使没有其他任务也无法组队({})", told.join(";"))
        }
        Status::Crowded => {
            let mode = if why.barred.is_empty() { String::new() } else { format!(";{}", modes(county, why)) };
            format!("有资格的人员在窗口内({})均被其他入企占用{mode}", dates(county, why.possible.iter()))
        }
        Status::Free { day, slot } => {
            format!("{} {}可以组队,尚未安排", county.days[day as usize], county.grid.clock(slot.into()))
        }
    }
}

/// A team mode by its usual name.
#[must_use]
pub fn mode(mode: TeamMode) -> &'static str {
    match mode {
        TeamMode::Bureau => "全局随机",
        TeamMode::SectionStation => "股所组合",
        TeamMode::StationBrigade => "所队组合",
        TeamMode::StationStation => "所所组合",
        TeamMode::SameStation => "本所组合",
    }
}

/// Where only the team mode stands in the way.
fn modes(county: &Instance, why: &Explanation) -> String {
    let each = why.barred.iter().map(|b| {
        format!(
            "{}须按“{}”组队,{}虽有足够人员,但没有符合该方式的组合",
            dept_name(county, b.pool),
            mode(b.mode),
            dates(county, b.days.iter())
        )
    });
    each.collect::<Vec<_>>().join(";")
}

/// The seats that nobody or too few can take, whatever else there is to do.
fn blockers(county: &Instance, why: &Explanation) -> String {
    let could = |c: &Counts| c.busy + c.free;
    let blocked: Vec<&Seat> =
        why.seats.iter().filter(|s| s.days.iter().any(|(_, c)| could(c) < s.heads)).collect();
    let each: Vec<String> = blocked
        .iter()
        .map(|s| {
            let days = s.days.iter().filter(|(_, c)| could(c) < s.heads).map(|(d, _)| *d as usize);
            let most = s.days.iter().map(|(_, c)| could(c)).max().unwrap_or(0);
            format!("{}需{}人,{}可用不足,最多{most}人", seat_name(county, s), s.heads, dates(county, days))
        })
        .collect();
    each.join(";")
}

/// One kind of seat with the counts of each day; equal days are joined.
#[must_use]
pub fn seat(county: &Instance, seat: &Seat) -> String {
    let mut runs: Vec<(Counts, Vec<usize>)> = Vec::new();
    for (day, counts) in &seat.days {
        match runs.iter_mut().find(|(c, _)| c == counts) {
            Some((_, days)) => days.push(*day as usize),
            None => runs.push((*counts, vec![*day as usize])),
        }
    }
    let each: Vec<String> = runs
        .into_iter()
        .map(|(c, days)| format!("{}:{}", dates(county, days.into_iter()), counts(&c)))
        .collect();
    format!("{}需{}人——{}", seat_name(county, seat), seat.heads, each.join(";"))
}

/// One kind of seat in one sentence, however many days there are: the fewest and the most people that each obstacle
/// keeps away on a day, and the best day.
#[must_use]
pub fn seat_in_short(county: &Instance, seat: &Seat) -> String {
    let [first, .., last] = seat.days.as_slice() else { return self::seat(county, seat) };
    let range = |of: &dyn Fn(&Counts) -> u32| {
        let least = seat.days.iter().map(|(_, c)| of(c)).min().unwrap_or(0);
        let most = seat.days.iter().map(|(_, c)| of(c)).max().unwrap_or(0);
        (least, most)
    };
    let named = |(name, (least, most)): (&str, (u32, u32))| match (least, most) {
        (_, 0) => None,
        _ if least == most => Some(format!("{name}{most}人")),
        _ => Some(format!("{name}{least}至{most}人")),
    };
    let obstacles = [
        ("回避", range(&|c| c.recused)),
        ("请假", range(&|c| c.on_leave)),
        ("执法证无效", range(&|c| c.base_certificate)),
        ("无资格", range(&|c| c.certificate)),
        ("每日工时不足", range(&|c| c.daily_minutes)),
        ("已被占用", range(&|c| c.busy)),
    ];
    let away: Vec<String> = obstacles.into_iter().filter_map(named).collect();
    let (_, free) = range(&|c| c.free);
    let best = seat.days.iter().find(|(_, c)| c.free == free).map_or(first.0, |(d, _)| *d);
    format!(
        "{}需{}人——{}至{}的{}个工作日中,{},可用最多{free}人{}",
        seat_name(county, seat),
        seat.heads,
        county.days[first.0 as usize],
        county.days[last.0 as usize],
        seat.days.len(),
        if away.is_empty() { "无人受阻".to_owned() } else { away.join("、") },
        if free > 0 { format!("({})", county.days[best as usize]) } else { String::new() },
    )
}

/// People by what keeps them away; zeroes are left out.
#[must_use]
pub fn counts(counts: &Counts) -> String {
    let named = [
        ("回避", counts.recused),
        ("请假", counts.on_leave),
        ("执法证无效", counts.base_certificate),
        ("无资格", counts.certificate),
        ("每日工时不足", counts.daily_minutes),
        ("已被占用", counts.busy),
        ("可用", counts.free),
    ];
    let each: Vec<String> =
        named.iter().filter(|(_, n)| *n > 0).map(|(name, n)| format!("{name}{n}人")).collect();
    if each.is_empty() { "无在册人员".to_owned() } else { each.join("、") }
}

/// A change to make, as an instruction.
#[must_use]
pub fn remedy(county: &Instance, remedy: &Remedy) -> String {
    let date = |day: &u16| county.days[*day as usize];
    let person = |p: &u32| {
        let row = &county.input.inspectors[*p as usize];
        format!("{}({})", row.name, row.id)
    };
    match remedy {
        Remedy::Extend { day, tasks, by } => {
            let ids: Vec<&str> = tasks.iter().map(|t| county.input.tasks[*t as usize].id.as_str()).collect();
            format!("将任务{}的窗口延长{by}天至{}", ids.join("、"), date(day))
        }
        Remedy::CancelLeave { person: p, day } => format!("请{}在{}销假到岗", person(p), date(day)),
        Remedy::Certify { person: p, qual: None, day } => {
            format!("为{}续办执法证,使其在{}有效", person(p), date(day))
        }
        Remedy::Certify { person: p, qual: Some(q), day } => {
            format!("为{}办理{},使其在{}有效", person(p), qual_name(county, *q), date(day))
        }
        Remedy::LongerDay { person: p, day, minutes } => {
            format!("将{}在{}的可用时间延长到{minutes}分钟", person(p), date(day))
        }
        Remedy::AddPeople { day, lacks } => {
            let each: Vec<String> = lacks.iter().map(|l| lack(county, l)).collect();
            format!("在{}由邻近部门或后备库补充:{}", date(day), each.join("、"))
        }
        Remedy::LiftRecusal { person: p, day } => {
            format!("复核{}的回避;如可取消,即可在{}安排", person(p), date(day))
        }
        Remedy::Shorten { to } => format!("将该次入企拆分或缩短到{to}分钟以内"),
        Remedy::OtherMode { pools, not, mode: other } => format!(
            "将{}改按“{}”组队(参数 team_mode,或以 team_mode_fallback 规定“{}”不成时的方式)",
            pools.iter().map(|p| dept_name(county, *p)).collect::<Vec<_>>().join("、"),
            mode(*other),
            mode(*not)
        ),
        Remedy::ExpertPool { quals } => {
            let each: Vec<String> = quals.iter().map(|q| qual_name(county, *q)).collect();
            format!("为检查对象所在区划设立专家库,并安排持有{}的专家", each.join("、"))
        }
    }
}

fn lack(county: &Instance, lack: &Lack) -> String {
    let quals: Vec<String> = lack.quals.iter().map(|q| qual_name(county, *q)).collect();
    let with = if quals.is_empty() { String::new() } else { format!("持有{}的", quals.join("和")) };
    format!("{}{with}人员{}名", dept_name(county, lack.pool), lack.heads)
}

fn seat_name(county: &Instance, seat: &Seat) -> String {
    let with = seat.qual.map_or(String::new(), |q| format!("(持{})", qual_name(county, q)));
    dept_name(county, seat.pool).to_owned() + &with
}

fn dept_name(county: &Instance, pool: u16) -> &str {
    &county.input.departments[pool as usize].name
}

/// A certificate by its name where somebody holds it, with its code.
#[must_use]
pub fn qual_name(county: &Instance, qual: u16) -> String {
    let code = &county.quals[qual as usize];
    let row = county.input.qualifications.iter().find(|q| q.qual == *code && !q.qual_name.is_empty());
    row.map_or_else(|| format!("{code}资格"), |q| format!("{}({code})资格", q.qual_name))
}

/// Dates, with runs of consecutive working days joined.
fn dates(county: &Instance, days: impl Iterator<Item = usize>) -> String {
    let mut runs: Vec<(usize, usize)> = Vec::new();
    for day in days {
        match runs.last_mut() {
            Some((_, to)) if *to + 1 == day => *to = day,
            _ => runs.push((day, day)),
        }
    }
    let text = |(from, to): &(usize, usize)| {
        if from == to {
            county.days[*from].to_string()
        } else {
            format!("{}至{}", county.days[*from], county.days[*to])
        }
    };
    runs.iter().map(text).collect::<Vec<_>>().join("、")
}
