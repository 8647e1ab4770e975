// Goal: what is told to everybody on the network arrives with the address it came from. Method: two
// sockets of this machine; on a machine without a network it has nothing to send to.
#include "ticketing/system/multicast.h"

#include <gtest/gtest.h>

#include "ticketing/testing/matchers.h"

namespace ticketing {
namespace {

constexpr char kGroup[] = "239.255.84.76";
constexpr uint16_t kPort = 29'431;

TEST(MulticastTest, RefusesWhatIsNoGroup) {
  EXPECT_THAT(MulticastSocket::Open("10.0.0.1", kPort), HasCode(ErrorCode::kInvalidField));
  EXPECT_THAT(MulticastSocket::Open("everybody", kPort), HasCode(ErrorCode::kInvalidField));
}

TEST(MulticastTest, SilenceEndsWithTheWait) {
  ASSERT_OK_AND_ASSIGN(const auto socket, MulticastSocket::Open(kGroup, kPort + 1));
  EXPECT_FALSE(socket->Receive(Duration::Millis(1)));
}

TEST(MulticastTest, OneMachineIsToldDirectly) {
  ASSERT_OK_AND_ASSIGN(const auto socket, MulticastSocket::Open(kGroup, kPort + 2));
  const auto own = [](uint32_t address) { return "from " + std::to_string(address); };
  ASSERT_TRUE(socket->SendTo("127.0.0.1", kPort + 2, own));
  const std::optional<Datagram> heard = socket->Receive(Duration::Seconds(5));
  ASSERT_TRUE(heard);
  EXPECT_EQ(heard->from, 0x7f000001u);
  EXPECT_EQ(heard->bytes, own(heard->from));
  EXPECT_FALSE(socket->SendTo("not an address", kPort + 2, own));
}

TEST(MulticastTest, EverybodyHearsWithTheAddressOfTheSender) {
  ASSERT_OK_AND_ASSIGN(const auto speaker, MulticastSocket::Open(kGroup, kPort));
  ASSERT_OK_AND_ASSIGN(const auto listener, MulticastSocket::Open(kGroup, kPort));
  (void)listener->Send([](uint32_t) { return std::string("joining"); });
  const auto own = [](uint32_t address) { return "from " + std::to_string(address); };
  if (speaker->Send(own) == 0) GTEST_SKIP() << "this machine is on no network";
  for (int i = 0; i < 100; ++i) {
    const std::optional<Datagram> heard = listener->Receive(Duration::Seconds(5));
    ASSERT_TRUE(heard) << "nothing came";
    if (heard->bytes == own(heard->from)) return;
  }
  FAIL() << "only others' messages came";
}

}  // namespace
}  // namespace ticketing
