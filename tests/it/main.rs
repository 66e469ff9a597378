mod architecture;
mod counties;
mod merge;
