// One PostgreSQL server for all tests of the program.
#ifndef TICKETING_TESTS_POSTGRES_CLUSTER_H_
#define TICKETING_TESTS_POSTGRES_CLUSTER_H_

#include "ticketing/postgres/postgres.h"
#include "ticketing/testing/postgres_cluster.h"

namespace ticketing {

// Starts it when it is asked for first. Ends the program when it cannot be had: nothing here can
// run then.
PostgresCluster& Cluster();

// Takes away what tests before made in the schema "test".
void EmptyCluster();

}  // namespace ticketing

#endif  // TICKETING_TESTS_POSTGRES_CLUSTER_H_
