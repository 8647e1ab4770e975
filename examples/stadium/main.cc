// chart-tool: makes the chart of a venue from a description that people can read.
#include <iostream>
#include <string>
#include <vector>

#include "examples/stadium/chart_tool.h"

int main(int argc, char** argv) {
  const std::vector<std::string> arguments(argv + 1, argv + argc);
  return ticketing::examples::RunChartTool(arguments, std::cout, std::cerr);
}
