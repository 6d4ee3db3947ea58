# Counts which branches of the firmware the tests take, for tests/coverage. Tests themselves are not counted.
option(SIGNALBOX_COVERAGE "Count the branches that are taken" OFF)
function(signalbox_count_branches target)
  if(SIGNALBOX_COVERAGE)
    target_compile_options(${target} PRIVATE --coverage -O0)
    target_link_options(${target} INTERFACE --coverage)
  endif()
endfunction()
