//! A stand-in that other programs can talk to, until its standard input ends.

use std::io::{self, Read, Write};

use kurrent_stand_in::Cluster;

fn main() -> io::Result<()> {
    let cluster = Cluster::start(1);
    writeln!(io::stdout(), "{}", cluster.url())?;
    io::stdin().read_to_end(&mut Vec::new())?;
    Ok(())
}
