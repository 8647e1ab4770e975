# Installation is described here once every module exists.
