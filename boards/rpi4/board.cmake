signalbox_add_board(rpi4)
