// The four scenes of a gate, played with the real code and told in the words of a venue's manager,
// in Spanish and English.
#ifndef TICKETING_TESTS_SIM_SCENES_H_
#define TICKETING_TESTS_SIM_SCENES_H_

#include <string>
#include <string_view>
#include <vector>

namespace ticketing::sim {

// "happy-path", "bastion-crash", "replay", "slow-network".
std::vector<std::string> SceneNames();

struct SceneReport {
  std::string spanish;
  std::string english;
  std::vector<std::string> violations;  // of the auditor's rules or of the script
};
SceneReport RunScene(std::string_view name);

// Plays one, or "all", and prints its report. False when something was not as it should be, or
// there is no such scene.
bool PlayScene(std::string_view name);

}  // namespace ticketing::sim

#endif  // TICKETING_TESTS_SIM_SCENES_H_
