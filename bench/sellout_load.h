// The crowd of the sell-out benchmark: connections that stay open, each buying one pair of seats
// after the other, hold first and then book, all of them served by one thread with epoll. It shares
// the machine with the servers that it measures, so it does as little as it can: requests are
// written by the caller, answers are only cut out of the stream.
#ifndef TICKETING_BENCH_SELLOUT_LOAD_H_
#define TICKETING_BENCH_SELLOUT_LOAD_H_

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace ticketing {

// What a buyer says at one door. Whole HTTP/1.1 requests.
class Buyers {
 public:
  virtual ~Buyers() = default;
  virtual std::string Hold(uint32_t sale, uint32_t connection) = 0;
  // `held` is the body of the answer to the hold, which was a success.
  virtual std::string Book(uint32_t sale, uint32_t connection, std::string_view held) = 0;
  // `booked` is the body of the answer to the booking, which was a success.
  virtual void Booked(uint32_t sale, std::string_view booked) = 0;
};

// HTTP statuses; 0 where nothing was asked. A sale whose hold was refused ends there.
struct SaleStatus {
  int held = 0;
  int booked = 0;
};

struct LoadResult {
  bool complete = false;  // every request was answered, on the connections that were there
  double seconds = 0;     // from the first byte of the first request to the last answer
  std::vector<SaleStatus> sales;
  std::vector<uint32_t> micros;  // of every request, in the order of the answers
};

// Makes `sales` sales at 127.0.0.1:`port` over so many connections, which are open before the time
// starts to run.
LoadResult SellOver(uint16_t port, uint32_t connections, uint32_t sales, Buyers& buyers);

// A POST with a JSON body. `headers` are whole lines, each with its line end.
std::string PostRequest(std::string_view target, std::string_view headers, std::string_view body);

}  // namespace ticketing

#endif  // TICKETING_BENCH_SELLOUT_LOAD_H_
