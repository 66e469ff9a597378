mod architecture;
mod counties;
mod merge;
mod unstaffed;
