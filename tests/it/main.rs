mod architecture;
mod counties;
mod merge;
mod packages;
mod unstaffed;
