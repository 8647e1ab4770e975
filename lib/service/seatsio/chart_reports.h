// Reports about what is drawn in a chart.
#ifndef TICKETING_LIB_SERVICE_SEATSIO_CHART_REPORTS_H_
#define TICKETING_LIB_SERVICE_SEATSIO_CHART_REPORTS_H_

#include <vector>

#include "lib/service/seatsio/chart_store.h"

namespace ticketing::seatsio {

std::vector<Route> ChartReportRoutes(ChartStore& charts);

}  // namespace ticketing::seatsio

#endif  // TICKETING_LIB_SERVICE_SEATSIO_CHART_REPORTS_H_
