signalbox_add_board(rpi3)
