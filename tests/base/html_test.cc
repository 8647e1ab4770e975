#include "ticketing/base/html.h"

#include <gtest/gtest.h>

namespace ticketing {
namespace {

TEST(HtmlTest, NothingFromOutsideBecomesMarkup) {
  EXPECT_EQ(EscapeHtml("<b onclick=\"x\">R&D's</b>"),
            "&lt;b onclick=&quot;x&quot;&gt;R&amp;D&#39;s&lt;/b&gt;");
  EXPECT_EQ(EscapeHtml("Águilas – Rayados"), "Águilas – Rayados");
}

}  // namespace
}  // namespace ticketing
