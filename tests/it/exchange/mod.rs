//! Reading what people have, and writing what they can open.

mod county;
mod county_faults;
mod csv;
mod lists;
mod values;
mod write;
mod xlsx;

use onedoor::domain::uscc;
use onedoor::exchange::fault::{Fault, Faults};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// A valid credit code from its first 17 characters.
pub(crate) fn code(first17: &str) -> String {
    format!("{first17}{}", char::from(uscc::check_character(first17.as_bytes()).unwrap()))
}

/// The n-th invented business.
pub(crate) fn business(n: u32) -> String {
    code(&format!("91339901MA{n:07}"))
}

/// A small county as CSV texts by file name; every test changes what it is about.
pub(crate) fn county() -> BTreeMap<String, String> {
    let (a, b) = (business(1), business(2));
    [
        (
            "部门.csv",
            "部门编码,部门名称,层级,管辖区划代码,队伍类型,牵头顺位\nSJ-339901,云溪县市场监督管理局,县级,339901,执法人员,1\n\
             XF-339901,云溪县消防救援大队,县级,339901,执法人员,2\nZJ0-339901,云溪县专家库,县级,339901,专家,99\n"
                .to_owned(),
        ),
        (
            "事项.csv",
            "事项编码,部门类别,事项名称,预计时长(分钟),检查方式,告知方式,年度频次上限,季节限制,所需专家\n\
             SJ-001,SJ,证照公示检查,15,现场检查,均可,1,,\nXF-001,XF,消防通道检查,30,现场检查,突击,2,03-01~06-30,Z-XF\n"
                .to_owned(),
        ),
        (
            "检查对象.csv",
            format!(
                "统一社会信用代码,注册号,市场主体名称,主体类型,区划代码,乡镇街道,信用风险分类,成立日期,经度,纬度\n\
                 {a},,云溪甲饭店,企业,339901001,城关街道,A,2019-05-06,120.1,30.2\n\
                 {b},330000000000017,云溪乙饭店,企业,339901002,石桥镇,B,2020/1/2,120.2,30.3\n\
                 ,330000000000025,丙面馆,个体工商户,339901002,石桥镇,,,,\n"
            ),
        ),
        (
            "执法人员.csv",
            "人员编号,姓名,性别,部门编码,单位类型,所属单位,岗位类别,执法证号,每日可用分钟,可任主办,本年已派工分钟\n\
             P1,王一,男,SJ-339901,机关科室,一科,执法人员,Z1,450,是,0\nP2,王二,女,SJ-339901,机关科室,一科,执法人员,Z2,450,否,0\n\
             P3,王三,男,XF-339901,机关科室,一科,执法人员,Z3,450,是,60\nP4,王四,男,ZJ0-339901,外聘,专家库,专家,,240,否,0\n"
                .to_owned(),
        ),
        (
            "资格.csv",
            "人员编号,资格代码,资格名称,证书编号,生效日期,失效日期\nP1,Q-ZFZ,行政执法证,C1,2024-01-01,2029-01-01\n\
             P2,Q-ZFZ,行政执法证,C2,2024-01-01,长期\nP3,Q-ZFZ,行政执法证,C3,2024-01-01,2029-01-01\nP4,Z-XF,消防专家,C4,2024-01-01,2029-01-01\n"
                .to_owned(),
        ),
        ("回避.csv", format!("人员编号,统一社会信用代码,回避事由\nP1,{b},近亲属任职\n")),
        ("请假.csv", "人员编号,开始日期,结束日期,类型\nP2,2026-03-03,2026-03-04,病假\n".to_owned()),
        (
            "日历.csv",
            "日期,是否工作日,企业安静日\n2026-03-02,是,否\n2026-03-03,是,否\n2026-03-04,是,是\n2026-03-05,是,否\n2026-03-06,是,否\n"
                .to_owned(),
        ),
        (
            "任务.csv",
            format!(
                "任务编号,计划名称,部门编码,事项编码,统一社会信用代码,最早日期,最晚日期,预计分钟,检查方式,告知方式,优先级\n\
                 T1,甲计划,SJ-339901,SJ-001,{a},2026-03-02,2026-03-06,15,现场检查,均可,2\n\
                 T2,甲计划,XF-339901,XF-001,{b},2026-03-02,2026-03-06,,,,\n\
                 T3,甲计划,SJ-339901,SJ-001,330000000000025,2026-03-02,2026-03-06,20,现场检查,均可,1\n"
            ),
        ),
        ("config.json", "{\"min_per_dept\": 1, \"start\": \"2026-03-02\", \"end\": \"2026-03-06\"}".to_owned()),
    ]
    .into_iter()
    .map(|(name, text)| (name.to_owned(), text))
    .collect()
}

/// Writes files into a folder that goes with the guard.
pub(crate) fn folder(files: &BTreeMap<String, String>) -> tempfile::TempDir {
    let dir = tempfile::tempdir().unwrap();
    for (name, text) in files {
        std::fs::write(dir.path().join(name), text).unwrap();
    }
    dir
}

/// A county with one file changed.
pub(crate) fn changed(file: &str, from: &str, to: &str) -> BTreeMap<String, String> {
    let mut files = county();
    let text = files.get_mut(file).unwrap();
    assert!(text.contains(from), "{file} does not contain {from}");
    *text = text.replacen(from, to, 1);
    files
}

/// Faults of a kind.
pub(crate) fn of<'a>(faults: &'a Faults, code: &str) -> Vec<&'a Fault> {
    faults.list.iter().filter(|f| f.code == code).collect()
}

/// A file of the data shared beside the project, when it is there.
pub(crate) fn shared(path: &str) -> Option<PathBuf> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared").join(path);
    path.exists().then_some(path)
}
