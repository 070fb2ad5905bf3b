// What may follow what somebody has typed of a topic, given topics that are there: level by level, as a shell
// offers files and folders. Text in, text out; how a shell quotes it is not known here.
#pragma once

#include <cstddef>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace mq {

// Topics that `typed` can become, or, where several lie below a level, the text up to that level with the
// slash at its end. Where there is but one way to go on it is gone as far as it leads. Levels that are typed
// count as those of a filter: '+' stands for any, and stays; "$share/NAME/" stays in front. In order, at most
// `most`.
std::vector<std::string> topic_steps(const std::set<std::string>& topics, std::string_view typed,
                                     std::size_t most);

// The filter that takes in all topics that topic_steps() could use for `typed`; empty: there can be none.
std::string filter_for_steps(std::string_view typed);

// Whether a terminal shows all of the text as it is: valid UTF-8 without control characters and without those
// that change the direction of what stands beside them or can't be seen.
bool is_showable(std::string_view text);

}  // namespace mq
