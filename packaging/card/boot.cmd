# U-Boot's part of the card, run from boot.scr on the first partition: it chooses a slot, and never changes after the flashing.
# The state is one sector of text, twice: sectors 16 and 24. Whoever writes it writes one copy after the other, so that a power cut leaves one whole.
#   slot=2 or 3    the partition that is known to work
#   trial=0, 2, 3  the one that holds an update which has not proven itself yet; 0: none
#   tries=N        how often that one may yet be started
#   valid=1        the end
setenv valid
for sector in 10 18; do
  if test "${valid}" != 1; then
    ${devtype} dev ${devnum}
    ${devtype} read ${ramdisk_addr_r} ${sector} 1 && env import -t ${ramdisk_addr_r} 200 slot trial tries valid
  fi
done
if test "${valid}" != 1; then
  echo "card: no state: slot 2"
  setenv slot 2
  setenv trial 0
fi
if test "${trial}" != 0 && test "${tries}" != 0; then
  setexpr tries ${tries} - 1
  env export -t -s 200 ${ramdisk_addr_r} slot trial tries valid
  ${devtype} write ${ramdisk_addr_r} 10 1
  ${devtype} write ${ramdisk_addr_r} 18 1
  setenv order "${trial} ${slot}"
elif test "${slot}" = 3; then
  setenv order "3 2"
else
  setenv order "2 3"
fi
# A slot begins with a script of its own, which returns where something of it is not whole.
for number in ${order}; do
  echo "card: slot ${number}"
  part start ${devtype} ${devnum} ${number} start
  ${devtype} read ${scriptaddr} ${start} 8 && source ${scriptaddr}
  echo "card: slot ${number} does not start"
done
reset
